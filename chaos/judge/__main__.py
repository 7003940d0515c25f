"""Judge the runs in some directories, again: `python -m chaos.judge DIRECTORY ...`."""

import sys
from pathlib import Path

from chaos.judge.judging import judge


def main(directories: list[str]) -> int:
    """Tell the verdicts. The status is 1 where any promise was broken."""
    broken = 0
    for directory in directories:
        verdict = judge(Path(directory))
        print("\n".join(verdict.lines()))  # noqa: T201 - a program answers so
        broken += verdict.violated
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
