"""The core does what the oracle says.

The run is short and always the same. CARTERA_ORACLE_EXAMPLES=20000 makes it long and random;
CARTERA_ORACLE_FEATURES=offers,skills leaves only those features on.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.oracle.cases import cases
from tests.oracle.judging import judge
from tests.oracle.subjects.core import CoreTenant

EXAMPLES = int(os.environ.get("CARTERA_ORACLE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.req("C7")
@PROFILE
@given(cases(30))
def test_core_agrees_with_the_oracle(case):
    """After every command of a random sequence the core shows the oracle's picture, and refuses for its reasons."""
    configuration, steps = case
    judge(CoreTenant(configuration), configuration, steps)
