"""Starts the servers of the contract suite, all in this process.

`python -m tests.contract.suite.servers --targets FILE` writes where they are, prints `ready`, and serves until it is
told to end by SIGTERM or SIGINT or, where its standard input is a pipe, until that ends.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from tests.contract.suite.targets import KINDS, started

NOBODY_LISTENS = structlog.make_filtering_bound_logger(logging.CRITICAL)


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[dict[str, Any]]:
    """All servers, by name, as runners are told of them."""
    structlog.configure(wrapper_class=NOBODY_LISTENS)  # what goes wrong here does so on purpose
    async with AsyncExitStack() as stack:
        targets = [await stack.enter_async_context(started(name, directory)) for name in KINDS]
        yield {target.name: target.written() for target in targets}


async def serve(targets_file: Path) -> None:
    """Serve until told to end."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_follow_input, args=(loop, end), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="cartera-contract-") as directory:
        async with serving(Path(directory)) as targets:
            _write(targets_file, targets)
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await end.wait()


def _follow_input(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        continue
    loop.call_soon_threadsafe(end.set)


def _write(targets_file: Path, targets: dict[str, Any]) -> None:
    """All at once: whoever waits for the file shall not find a part of it."""
    unfinished = targets_file.with_name(f"{targets_file.name}.part")
    unfinished.write_text(json.dumps(targets, indent=1) + "\n", "utf-8")
    unfinished.replace(targets_file)


def _forget_own_settings() -> None:
    """Whoever runs the suite may have set up a service of their own."""
    for name in [each for each in os.environ if each.startswith("CARTERA_")]:
        del os.environ[name]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.contract.suite.servers")
    parser.add_argument("--targets", type=Path, required=True)
    _forget_own_settings()
    asyncio.run(serve(parser.parse_args().targets))


if __name__ == "__main__":
    main()
