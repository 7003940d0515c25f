"""The README claims what tests show, no more and no less."""

import pytest

from tests.documentation.features import (
    BEGIN,
    END,
    README,
    ROOT,
    Group,
    Requirements,
    collect,
    count,
    document,
    read_requirements,
)

RULES = {"A1": "One", "A2": "Two", "A3": "Three", "A4": "Four"}
EXAMPLE = Requirements([Group("Rules", RULES)], frozenset({"A3"}), {"A4": "its half"})


@pytest.fixture(scope="module")
def tests_by_requirement(request):
    """From the tests of this run where those are all: to collect them once more takes a quarter of a minute."""
    return count(request.session.items) if _runs_all(request.config) else collect()


def _runs_all(config):
    asked = {str(ROOT / path) for path in config.args}
    narrowed = config.option.keyword or config.option.markexpr or config.option.deselect
    return asked == {str(ROOT / "tests")} and not narrowed


def test_the_readme_is_current(tests_by_requirement):
    """The README's table of features is the one that the tests give now; scripts/features writes it."""
    text = README.read_text("utf-8")
    assert text == document(text, read_requirements(), tests_by_requirement), "run scripts/features"


def test_marks_name_requirements(tests_by_requirement):
    """Every mark of a test is the id of a requirement: a typing error proves nothing."""
    assert not set(tests_by_requirement) - set(read_requirements().ids)


def test_what_is_not_yet_is_a_requirement():
    """Every id that is said not to be built yet, or not all of it, is there, and no id is there twice."""
    requirements = read_requirements()
    assert requirements.not_yet | set(requirements.in_part) <= set(requirements.ids)
    assert len(requirements.ids) == len(set(requirements.ids))


def test_the_table_claims_what_tests_show():
    """A rule with tests has their number, and says what of it is missing; one without is not yet there, and neither is
    one that is said not to be.
    """
    text = document(f"before\n{BEGIN}\nold\n{END}\nafter\n", EXAMPLE, {"A1": 2, "A3": 5, "A4": 1})
    assert text == (
        f"before\n{BEGIN}\n\n"
        "| | rule | shown by |\n"
        "| --- | --- | --- |\n"
        "| | **Rules** | |\n"
        "| A1 | One | 2 tests |\n"
        "| A2 | Two | not yet |\n"
        "| A3 | Three | not yet |\n"
        "| A4 | Four | 1 test; not yet: its half |\n"
        f"\n{END}\nafter\n"
    )


def test_the_table_is_made_anew_over_the_old_one():
    """Making the table twice gives the same."""
    once = document(f"{BEGIN}\n{END}\n", EXAMPLE, {"A1": 1})
    assert "| A1 | One | 1 test |" in once
    assert document(once, EXAMPLE, {"A1": 1}) == once
