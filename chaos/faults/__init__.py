"""Faults: each breaks something while it is used, heals it, and says so in faults.jsonl."""

from chaos.faults import clocks, database, disk, network, pauses, processes, release, traffic
from chaos.faults.fault import FAULTS, Fault, Lane

__all__ = ["FAULTS", "Fault", "Lane", "fitting"]

_ = (clocks, database, disk, network, pauses, processes, release, traffic)  # each has put its faults into the registry


def fitting(database: str) -> list[Fault]:
    """All faults that a kind of database can have."""
    return [fault for fault in FAULTS.values() if database in fault.databases]
