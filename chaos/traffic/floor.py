"""The floor of a tenant, as its callers know it from what they were told; most of it is soon out of date."""

from collections import OrderedDict
from collections.abc import Iterable
from random import Random

from google.protobuf.message import Message

from cartera.routing.v1.interaction_pb2 import (
    INTERACTION_STATE_ASSIGNED,
    INTERACTION_STATE_OFFERED,
    INTERACTION_STATE_QUEUED,
    INTERACTION_STATE_UNASSIGNED,
    INTERACTION_STATE_WAITING_FOR_OWNER,
    INTERACTION_STATE_WRAP_UP,
    Interaction,
)

REMEMBERED = 200
"""How many interactions of a kind are remembered; those told of longest ago are forgotten first."""

OFFERED = (INTERACTION_STATE_OFFERED,)
ASSIGNED = (INTERACTION_STATE_ASSIGNED,)
WRAP_UP = (INTERACTION_STATE_WRAP_UP,)
WAITING = (INTERACTION_STATE_QUEUED, INTERACTION_STATE_UNASSIGNED, INTERACTION_STATE_WAITING_FOR_OWNER)
ANY = (*OFFERED, *ASSIGNED, *WRAP_UP, *WAITING)


class Floor:
    """What was last told of each interaction."""

    def __init__(self, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self.revision = 0
        """The highest that any answer had."""
        self._known: dict[int, OrderedDict[str, Interaction]] = {}
        self._state: dict[str, int] = {}

    def learn(self, response: Message) -> None:
        """Take in an answer."""
        self.revision = max(self.revision, getattr(response, "revision", 0))
        for interaction in _interactions_of(response):
            if interaction.interaction_id:
                self._note(interaction)

    def _note(self, interaction: Interaction) -> None:
        former = self._state.pop(interaction.interaction_id, None)
        if former is not None:
            self._known[former].pop(interaction.interaction_id, None)
        known = self._known.setdefault(interaction.state, OrderedDict())
        known[interaction.interaction_id] = interaction
        self._state[interaction.interaction_id] = interaction.state
        if len(known) > REMEMBERED:
            forgotten, _ = known.popitem(last=False)
            self._state.pop(forgotten, None)

    def any_of(self, states: Iterable[int], chance: Random) -> Interaction | None:
        """One of those last told to be in one of the states, most likely one told of lately."""
        known = [each for state in states for each in list(self._known.get(state, {}).values())[-12:]]
        return chance.choice(known) if known else None

    def forget(self, interaction_id: str) -> None:
        """It has been asked about, so what was known is old."""
        state = self._state.pop(interaction_id, None)
        if state is not None:
            self._known[state].pop(interaction_id, None)


def _interactions_of(response: Message) -> Iterable[Interaction]:
    fields = response.DESCRIPTOR.fields_by_name
    if "interaction" in fields:
        return [response.interaction]  # type: ignore[attr-defined]
    if "view" in fields:
        return [response.view.interaction]  # type: ignore[attr-defined]
    if "views" in fields:
        return [view.interaction for view in response.views]  # type: ignore[attr-defined]
    return response.assigned if "assigned" in fields else ()  # type: ignore[attr-defined]
