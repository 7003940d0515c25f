"""Whether runners find what is wrong: of the cases in `tests/contract/wrong` none holds, and none may be passed.

`python -m tests.contract.suite.strictness RESULTS...` reads what runners found there, and fails where one was passed.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.contract.suite.cases import HERE, load
from tests.contract.suite.matrix import Results, read

WRONG = HERE.parent / "wrong"


def overlooked(names: Sequence[str], results: Results) -> list[str]:
    """The cases that a runner passed, or didn't play."""
    return [name for name in names if results.cases.get(name, True)]


def _complaints(paths: Sequence[Path]) -> Iterator[str]:
    names = [case.name for case in load(WRONG)]
    for results in map(read, paths):
        yield from (f"{results.language} overlooks: {name}\n" for name in overlooked(names, results))


def main() -> int:
    complaints = list(_complaints([Path(each) for each in sys.argv[1:]]))
    sys.stderr.writelines(complaints)
    return 1 if complaints or not sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
