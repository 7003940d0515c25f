"""What a command names must exist."""

import re
from functools import cache
from typing import TypeVar

from cartera.core.caller import Caller
from cartera.core.permission import require_acting
from cartera.core.records import Interaction, Record
from cartera.core.rejection import Violation, reject
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


def missing(state: State, record_type: type[RecordType], *keys: str) -> list[Violation]:
    """RESOURCE_NOT_FOUND for each that isn't there, where all that is wrong is named at once (G3)."""
    return [
        Violation(ErrorReason.RESOURCE_NOT_FOUND, subject_of(record_type, key))
        for key in dict.fromkeys(keys)
        if state.get(record_type, key) is None
    ]


def require_interaction(state: State, interaction_id: str, caller: Caller) -> Interaction:
    """The interaction of that id, on which the caller may act.

    Raises:
        Rejected: PERMISSION_DENIED where it may not, and where there is none to whom not all is open;
            RESOURCE_NOT_FOUND where there is none.

    """
    require_acting(state, caller, state.get(Interaction, interaction_id), interaction_id)
    return require(state, Interaction, interaction_id)
