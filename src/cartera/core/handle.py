"""Handle: a command from beginning to end, on a state in memory."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from cartera.core.caller import Caller
from cartera.core.commands import (
    AddToOwnPortfolio,
    ApplyConfiguration,
    AssignPortfolio,
    Command,
    Configuration,
    CreateResource,
    DeleteResource,
    RemoveExclusiveAgent,
    RemoveFromPortfolio,
    RouteInteraction,
    SetExclusiveAgent,
    UpdateResource,
)
from cartera.core.decide import decide
from cartera.core.events import Event
from cartera.core.evolve import evolve
from cartera.core.queue_limit import overfull
from cartera.core.records import Contact, Record
from cartera.core.references import CONTACT_REFERENCES
from cartera.core.rejection import Rejected
from cartera.core.settle import next_step
from cartera.core.state import State


def handle(state: State, command: Command, caller: Caller, now: datetime) -> tuple[Event, ...]:
    """Decide a command, apply its events, then settle until nothing more follows. Returns all the events; none where
    the command changed nothing.

    Raises:
        Rejected: it is refused; the state is as it was.

    """
    mark = state.mark()
    decided = decide(state, command, caller, now)
    for event in decided:
        evolve(state, event, now)
    followed: list[Event] = []
    while step := next_step(state, now):
        for event in step:
            evolve(state, event, now)
        followed += step
    violations = overfull(state, decided)
    if violations:
        state.rollback(mark)
        raise Rejected(*violations)
    return (*decided, *followed)


class Needs(NamedTuple):
    """What must be loaded before a command is decided."""

    contact_ids: tuple[str, ...] = ()
    interaction_ids: tuple[str, ...] = ()
    referrers: tuple[tuple[type[Record], str, str], ...] = ()
    """Types, fields and values: of each type one record, if there is any, whose field has the value."""


NOTHING = Needs()


def needs(command: Command) -> Needs:
    """What a command names of that which is not always in memory: contacts, and interactions that have ended."""
    found = _NEEDS.get(type(command))
    return _of_interaction(command) if found is None else found(command)


def _of_interaction(command: Any) -> Needs:
    interaction_id = getattr(command, "interaction_id", "")
    return Needs(interaction_ids=(interaction_id,)) if interaction_id else NOTHING


def _of_contact(command: Any) -> Needs:
    return Needs(contact_ids=(command.contact_id,))


def _of_contacts(command: Any) -> Needs:
    return Needs(contact_ids=command.contact_ids)


def _of_saving(command: Any) -> Needs:
    return _of_contact(command.resource) if isinstance(command.resource, Contact) else NOTHING


def _of_declaration(command: ApplyConfiguration) -> Needs:
    return Needs(contact_ids=_declared_contacts(command.configuration))


def _declared_contacts(configuration: Configuration) -> tuple[str, ...]:
    """The contacts that a configuration names."""
    named = (
        *(contact.contact_id for contact in configuration.contacts),
        *(place.contact_id for place in configuration.portfolio_contacts),
        *(exclusive.contact_id for exclusive in configuration.exclusive_agents),
    )
    return tuple(dict.fromkeys(named))


def _of_deletion(command: DeleteResource) -> Needs:
    identifier = command.key[0]
    if command.resource_type is Contact:
        return Needs(contact_ids=(identifier,))
    fields = CONTACT_REFERENCES.get(command.resource_type, ())
    return Needs(referrers=tuple((record_type, field, identifier) for record_type, field in fields))


_NEEDS: dict[type, Callable[[Any], Needs]] = {
    RouteInteraction: _of_contact,
    AddToOwnPortfolio: _of_contact,
    SetExclusiveAgent: _of_contact,
    RemoveExclusiveAgent: _of_contact,
    AssignPortfolio: _of_contacts,
    RemoveFromPortfolio: _of_contacts,
    CreateResource: _of_saving,
    UpdateResource: _of_saving,
    ApplyConfiguration: _of_declaration,
    DeleteResource: _of_deletion,
}
"""What the commands need that name more than an interaction."""
