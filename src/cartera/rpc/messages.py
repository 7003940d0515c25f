"""What errors say to people, in each language.

A template may use the parts of what a violation concerns ({subject}, or {type} and {id} of "type/id") and its data.
What is missing reads as nothing: an error must not fail.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cartera.core.rejection import Violation
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.english import ENGLISH
from cartera.rpc.spanish import KINDS, PROBLEMS, SPANISH, WORDS

Templates = Mapping[ErrorReason, str]

TEMPLATES: Mapping[str, Templates] = {"en": ENGLISH, "es": SPANISH}
"""The languages that errors are written in."""

LANGUAGE = "en"
"""The one for developers, and for people who ask for none of these."""

_LONGEST_VALUE = 256
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def say(violation: Violation, language: str = LANGUAGE) -> str:
    """What a violation says to people, in one sentence. Where the subject is a path, the data may have the id."""
    values = _VALUES[language](violation)
    shortened = _Values({key: shorten(value) for key, value in values.items()})
    return _template(violation.reason, language).format_map(shortened)


def _template(reason: ErrorReason, language: str) -> str:
    return TEMPLATES[language].get(reason) or ENGLISH[reason]


def shorten(value: str) -> str:
    """What a caller sent comes back in errors, but not at any length: in bytes, for those have to be carried."""
    encoded = value.encode(errors="replace")
    if len(encoded) <= _LONGEST_VALUE:
        return value
    return encoded[:_LONGEST_VALUE].decode(errors="ignore") + "…"


class _Subject(NamedTuple):
    kind: str
    identifier: str


def _parted(subject: str) -> _Subject:
    kind, _, identifier = subject.partition("/")
    return _Subject(kind, identifier)


def _in_english(violation: Violation) -> dict[str, str]:
    kind, identifier = _parted(violation.subject)
    values = {"problem": f"must not be {violation.data.get('value', 'so')}"}
    return values | {
        "subject": violation.subject,
        "type": kind.replace("_", " "),
        "id": identifier,
        **violation.data,
    }


def _in_spanish(violation: Violation) -> dict[str, str]:
    kind, identifier = _parted(violation.subject)
    values = {"subject": violation.subject, "type": KINDS.get(kind, kind), "id": identifier}
    values |= {key: _word_in_spanish(value) for key, value in violation.data.items()}
    return values | {"problem": _problem_in_spanish(violation.data)}


def _word_in_spanish(value: str) -> str:
    """A value as people know it: "agent/ana" is el agente ana."""
    kind, identifier = _parted(value)
    if identifier and kind in KINDS:
        return f"{KINDS[kind]} {identifier}"
    return WORDS.get(value, value)


def _problem_in_spanish(data: Mapping[str, str]) -> str:
    rule = data.get("rule", "value" if "value" in data else "")
    numbers = dict(zip(("first", "second"), _NUMBER.findall(data.get("problem", "")), strict=False))
    return PROBLEMS.get(rule, PROBLEMS[""]).format_map(_Values({**data, **numbers}))


_VALUES = {"en": _in_english, "es": _in_spanish}
