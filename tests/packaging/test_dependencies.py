"""The dependencies, those of all extras together."""

from collections import defaultdict
from importlib.metadata import distributions


def test_no_two_of_them_have_the_same_module() -> None:
    """Which of two is there would depend on which was installed last."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for distribution in distributions():
        for path in distribution.files or ():
            if path.suffix == ".py":
                owners[str(path)].add(distribution.name)
    assert {path: names for path, names in owners.items() if len(names) > 1} == {}
