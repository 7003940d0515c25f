"""A disk that can be full, for real.

Where this process may, it is a file system in memory, seen by this run alone, that is made no larger than what is on
it; elsewhere the processes that write get a limit for the size of their files.
"""

import ctypes
import os
import resource
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

SIZE = "4g"
"""The most that is kept in memory; only what is written takes any."""

ATTEMPTS = 50
"""How often it is tried to make it full, while others write."""

CLONE_NEWNS = 0x00020000
SMALLEST_FILE = 64 * 1024
"""What a file may still have where the disk is full by a limit: the log of the processes themselves goes on."""


class Disk:
    """A directory whose disk can be full."""

    def __init__(self, path: Path, *, may_fill: bool) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.is_mounted = may_fill and _mounted(path)
        self._limited: list[int] = []

    def fill(self, slack: int, writers: Iterable[int]) -> None:
        """Leave so many bytes, for whoever writes; where it is a limit of size, for these processes."""
        if self.is_mounted:
            self._shrink(slack)
            return
        self._limited = list(writers)
        for pid in self._limited:
            _limit(pid, SMALLEST_FILE)

    def _shrink(self, slack: int) -> None:
        """It can't be made smaller than what is on it, which grows under one's hands."""
        for more in range(ATTEMPTS):
            with suppress(OSError):
                _remount(self.path, _used(self.path) + slack + more * SMALLEST_FILE)
                return
        raise OSError(f"{self.path} can't be filled")

    def free(self) -> None:
        if self.is_mounted:
            _remount(self.path, SIZE)
        for pid in self._limited:
            _limit(pid, resource.RLIM_INFINITY)
        self._limited = []

    def remove(self) -> None:
        if self.is_mounted:
            _mount("umount", "-l", self.path)


def mount_alone() -> None:
    """What this process and its children mount from now on is seen by nobody else, and is gone when they are."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS) == 0:
            _mount("mount", "--make-rprivate", "/")


def _mounted(path: Path) -> bool:
    return os.geteuid() == 0 and _mount("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", path)


def _remount(path: Path, size: int | str) -> None:
    if not _mount("mount", "-o", f"remount,size={size}", path):
        raise OSError(f"the size of {path} can't be changed")


def _mount(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _used(path: Path) -> int:
    found = os.statvfs(path)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _limit(pid: int, size: int) -> None:
    """Limit a process's files, as who it runs as: even root may not be allowed to do it to others."""
    with suppress(psutil.NoSuchProcess):
        soft = "unlimited" if size == resource.RLIM_INFINITY else size
        user = psutil.Process(pid).uids().real
        command = ["prlimit", f"--pid={pid}", f"--fsize={soft}:"]
        subprocess.run(command, check=False, capture_output=True, user=None if user == os.geteuid() else user)
