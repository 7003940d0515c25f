"""The deliberate faults that a run must find; `scripts/chaos mutants` runs against each."""

import subprocess

import pytest

from chaos.faults import FAULTS
from chaos.judge.promises import PROMISES
from chaos.mutation import ROOT, mutants

MUTANTS = mutants()


def test_there_are_enough():
    """One for each way in which a write or a stream could go wrong unseen."""
    assert len(MUTANTS) >= 8


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_fits_the_code(mutant):
    """Its patch applies to the code as it is now, and its head names a promise of the judge's and faults of a run's."""
    checked = subprocess.run(["git", "apply", "--check", mutant.patch], cwd=ROOT, check=False, capture_output=True)
    assert checked.returncode == 0, checked.stderr
    assert mutant.promise in PROMISES
    faults = [each for before, each in zip(mutant.arguments, mutant.arguments[1:], strict=False) if before == "--fault"]
    assert faults
    assert set(faults) <= set(FAULTS)


def test_an_unknown_mutant_is_named():
    """A name that isn't there is told with those that are."""
    with pytest.raises(ValueError, match="there is no mutant nobody; there are answer-before-commit, "):
        mutants(["nobody"])
