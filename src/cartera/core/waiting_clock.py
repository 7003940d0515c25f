"""The clock of a waiting interaction: since when it waits, and what falls due for waiting long (C11, C13, T9)."""

from datetime import datetime, timedelta

from cartera.core.records import Interaction, Workgroup
from cartera.core.state import State


def start_waiting(state: State, interaction: Interaction, since: datetime) -> Interaction:
    """The interaction as it begins to be routed under its workgroup: by its arrival, a transfer, its return from an
    agent, or when its campaign opens. Overflow begins anew.
    """
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    return interaction._replace(
        waiting_since=since,
        expires_at=_after(since, workgroup.longest_wait if workgroup else None),
        unattended_at=_after(since, workgroup.unattended_after if workgroup else None),
        overflow_steps_taken=0,
        overflow_workgroup_ids=(),
    )


def _after(since: datetime, wait: timedelta | None) -> datetime | None:
    return since + wait if wait else None
