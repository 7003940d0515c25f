"""What the core runs as is what the tests are said to be of."""

import os

from cartera.bootstrap import core_runs_as


def test_the_core_is_the_one_that_is_tested() -> None:
    assert core_runs_as() == os.environ.get("CARTERA_EXPECTED_CORE", "interpreted")
