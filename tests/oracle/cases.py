"""Cases, for Hypothesis: a random tenant and what is done to it."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.oracle.chance import Chance
from tests.oracle.random_steps import Step, somebody_comes, step
from tests.oracle.random_tenants import configuration
from tests.oracle.router.configuration import Configuration

Case = tuple[Configuration, list[Step]]


def case(chance: Chance, length: int) -> Case:
    """A case with so many steps, after some agents have come."""
    tenant = configuration(chance)
    comers = [somebody_comes(chance) for _ in range(chance.choose(0, 1, 2, 4))]
    return tenant, comers + [step(chance) for _ in range(length)]


@st.composite
def cases(draw: Callable[..., Any], length: int) -> Case:
    """Any case, chosen by Hypothesis."""
    return case(Chance(lambda values: draw(st.sampled_from(values))), length)
