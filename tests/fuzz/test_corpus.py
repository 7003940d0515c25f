"""What fuzzing has found worth keeping is replayed."""

import pytest

from tests.fuzz.keeping import kept_inputs
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.req("G3", "G7")


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs_are_refused_or_understood(name):
    """No bytes that ever went a way of their own through decoding, or broke it, break it now."""
    inputs = kept_inputs(name)
    assert inputs
    for path in inputs:
        TARGETS[name](path.read_bytes())
