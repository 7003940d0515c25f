"""The core does what the oracle says.

The run is short and always the same. CARTERA_ORACLE_EXAMPLES=20000 makes it long and, where Hypothesis seeks, random;
CARTERA_ORACLE_FEATURES=offers,skills lets only those features be on.
"""

import asyncio
import os
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cartera.bootstrap import core_runs_as
from tests.oracle.cases import case, cases
from tests.oracle.chance import Chance
from tests.oracle.judging import judge
from tests.oracle.subjects.core import CoreTenant

EXAMPLES = int(os.environ.get("CARTERA_ORACLE_EXAMPLES", "0"))
SOUGHT = settings(
    max_examples=EXAMPLES or 120,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
SEEDS, PARTS = EXAMPLES or (600 if core_runs_as() == "compiled" else 300), 4
"""As machine code the core does twice as many in the same time; every change has both run."""
STEPS = 40
JUDGED = (
    *("K1", "K2", "K4", "P4", "P6", "P8", "P9", "E1", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10"),
    *("C1", "C2", "C3", "C5", "C6", "C7", "C9", "C10", "C11", "C12", "C13", "C14"),
    *("Z1", "Z2", "Z3", "Z4", "Z6", "T1", "T2", "T4", "T5"),
)


@pytest.mark.req(*JUDGED)
@SOUGHT
@given(cases(STEPS))
def test_core_agrees_with_the_oracle(sequence):
    """After every command of a random sequence the core shows the oracle's picture, and refuses for its reasons.

    Hypothesis seeks the sequence, and shortens one that is judged wrong.
    """
    asyncio.run(judge(CoreTenant(), *sequence))


@pytest.mark.req(*JUDGED)
@pytest.mark.parametrize("part", range(PARTS))
def test_core_agrees_over_many_seeds(part):
    """The same for many sequences more, of a seed each."""
    for seed in range(part, SEEDS, PARTS):
        asyncio.run(judge(CoreTenant(), *case(Chance(random.Random(seed).choice), STEPS)))
