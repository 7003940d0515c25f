"""A process from which others are forked: it has loaded the service's code, which else takes seconds at every start.

`python -m chaos.nursery` takes orders on its standard input, a line of JSON each: the task, the environment and the log
file of a process to start. It answers with the process's id, and says, whenever it may be, which process has ended and
how. When its input ends it kills what still runs: nothing outlives the run.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from cartera.store.migrate import migrate
from chaos import replica

_running: set[int] = set()


def _migrate(*, finish: bool) -> None:
    migrate(os.environ["CARTERA_DATABASE_URL"], finish=finish)


TASKS: dict[str, Callable[[], None]] = {
    "serve": replica.main,
    "migrate": partial(_migrate, finish=False),
    "finish": partial(_migrate, finish=True),
}


def serve() -> None:
    signal.signal(signal.SIGCHLD, _tell_of_ended)
    _say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        _start(TASKS[order["task"]], order["environment"], order["log"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in _running:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _start(task: Callable[[], None], environment: dict[str, str], log: str) -> None:
    # Else one that ends at once is told of before it is known.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pid = os.fork()
    if pid == 0:
        _be(task, environment, log)
    _running.add(pid)
    _say({"pid": pid})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _be(task: Callable[[], None], environment: dict[str, str], log: str) -> None:
    """Become a process as if it had been started alone. It never returns."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        _write_to(log)
        os.environ.clear()
        os.environ.update(environment)
        task()
        status = 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, it must not go on as a nursery
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)


def _write_to(log: str) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(file, sys.stdout.fileno())
    os.dup2(file, sys.stderr.fileno())


def _tell_of_ended(_: int, __: FrameType | None) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _running.discard(pid)
        _say({"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _say(line: dict[str, Any]) -> None:
    os.write(sys.stdout.fileno(), json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    serve()
