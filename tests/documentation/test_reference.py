"""docs/reference is what the protos say."""

import pytest

from tests.documentation.reference import REFERENCE, pages


@pytest.mark.req("G1")
def test_the_reference_is_current() -> None:
    """Each page is as `scripts/reference` makes it now, and there is no other."""
    written = {path.name: path.read_text("utf-8") for path in REFERENCE.iterdir()}
    assert written == pages(), "run scripts/reference"


@pytest.mark.req("G1")
def test_everything_in_the_reference_is_explained() -> None:
    """No RPC, field, value or type is there without its comment."""
    for name, text in pages().items():
        assert not [line for line in text.splitlines() if line.startswith("| `") and line.endswith("|  |")], name
