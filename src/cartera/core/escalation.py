"""Escalation: what falls due for an interaction because it waits, or because its state ends of itself."""

from collections.abc import Iterator
from datetime import datetime

from cartera.core.audience import WAITING
from cartera.core.deadlines import DeadlineKind
from cartera.core.records import Interaction, Workgroup
from cartera.core.vocabulary import InteractionState

Due = tuple[DeadlineKind, datetime]

_STATE_ENDS = {
    InteractionState.OFFERED: DeadlineKind.OFFER,
    InteractionState.WRAP_UP: DeadlineKind.WRAP_UP,
    InteractionState.ASSIGNED: DeadlineKind.RETURN,
    InteractionState.RECEIVED: DeadlineKind.OPENING,
    InteractionState.QUEUED: DeadlineKind.OPENING,
}
"""What the end of a state is."""


def deadlines_of(interaction: Interaction, workgroup: Workgroup | None) -> tuple[Due, ...]:
    """Everything that falls due for an open interaction."""
    due: tuple[Due, ...] = ()
    if interaction.state_until is not None:
        due = ((_STATE_ENDS[interaction.state], interaction.state_until),)
    if interaction.state in WAITING or interaction.state is InteractionState.RECEIVED:
        due = (*due, *_of_waiting(interaction, workgroup))
    return due


def _of_waiting(interaction: Interaction, workgroup: Workgroup | None) -> Iterator[Due]:
    if interaction.owner_wait_until is not None:
        yield DeadlineKind.OWNER_WAIT, interaction.owner_wait_until
    if interaction.expires_at is not None:
        yield DeadlineKind.EXPIRY, interaction.expires_at
    if interaction.unattended_at is not None:
        yield DeadlineKind.UNATTENDED, interaction.unattended_at
    since = interaction.waiting_since
    if since is None:
        return
    taken = interaction.overflow_steps_taken
    if workgroup and taken < len(workgroup.overflow_steps):
        yield DeadlineKind.OVERFLOW, since + workgroup.overflow_steps[taken].after
    times = [each.drop_after for each in interaction.skills if each.drop_after is not None]
    if times:
        yield DeadlineKind.SKILL_DROP, since + min(times)
