"""What a command names must exist."""

import re
from functools import cache
from typing import TypeVar

from cartera.core.permission import require_seen
from cartera.core.records import Actor, Interaction, Record
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason

RecordType = TypeVar("RecordType", bound=Record)


def kind_of(record_type: type) -> str:
    """A record type's name in messages and subjects: "exclusive_agent" for ExclusiveAgent."""
    return _in_small_letters(record_type.__name__)


@cache
def _in_small_letters(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def subject_of(record_type: type, *key: str) -> str:
    """What a violation concerns: "agent/ana"."""
    return "/".join((kind_of(record_type), *key))


def require(state: State, record_type: type[RecordType], *key: str) -> RecordType:
    """The record of that key.

    Raises:
        Rejected: RESOURCE_NOT_FOUND where there is none.

    """
    record = state.get(record_type, *key)
    if record is None:
        raise reject(ErrorReason.RESOURCE_NOT_FOUND, subject_of(record_type, *key))
    return record


def require_interaction(state: State, interaction_id: str, actor: Actor) -> Interaction:
    """The interaction of that id, as far as the caller sees it (Z5).

    Raises:
        Rejected: RESOURCE_NOT_FOUND where there is none to be seen.

    """
    interaction = require(state, Interaction, interaction_id)
    require_seen(state, actor, interaction)
    return interaction
