"""What a fault is, and the registry of all of them."""

from collections.abc import Awaitable, Callable
from enum import Enum
from random import Random
from typing import NamedTuple

from chaos.world import World

Inflict = Callable[[World, Random], Awaitable[None]]
"""Breaks something, heals it, and notes it. Everything that it leaves to chance comes from the generator."""

SQLITE = "sqlite"
POSTGRES = "postgres"


class Lane(Enum):
    """Faults of one lane come one after another, beside those of the others."""

    REPLICAS = "replicas"
    DATABASE = "database"
    SLOWNESS = "slowness"
    THROUGHOUT = "throughout"
    """From the beginning of the run to its end, beside everything."""


class Fault(NamedTuple):
    """A kind of harm."""

    name: str
    lane: Lane
    databases: tuple[str, ...]
    inflict: Inflict

    @property
    def summary(self) -> str:
        return (self.inflict.__doc__ or "").partition("\n")[0]


FAULTS: dict[str, Fault] = {}
"""By name."""


def fault(name: str, lane: Lane, *databases: str) -> Callable[[Inflict], Inflict]:
    """Put a fault into the registry; without databases it fits all."""

    def register(inflict: Inflict) -> Inflict:
        FAULTS[name] = Fault(name, lane, databases or (SQLITE, POSTGRES), inflict)
        return inflict

    return register
