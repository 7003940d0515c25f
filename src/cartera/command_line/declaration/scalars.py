"""Single values of a declaration: text, numbers, yes and no, words, and durations such as `12h` or `1m30s`."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration

from cartera.command_line.words import number_of

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
"""As many digits as fit into any of the contract's numbers."""
YES_OR_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def scalar(field: FieldDescriptor, text: str) -> Any:
    """The value of a field as it is written. ValueError says what is wrong with it."""
    if field.enum_type is not None:
        return number_of(field.enum_type, text)
    return READERS[field.type](text)


def duration(text: str) -> Duration:
    compact = text.replace(" ", "")
    if not DURATION.fullmatch(compact):
        raise ValueError(f"{text!r} is no duration; examples: 30s, 5m, 12h, 1m30s")
    made = Duration()
    made.FromTimedelta(timedelta(seconds=sum(float(count) * SECONDS[unit] for count, unit in PART.findall(compact))))
    return made


def whole_number(text: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def yes_or_no(text: str) -> bool:
    if text.lower() not in YES_OR_NO:
        raise ValueError(f"{text!r} is neither true nor false")
    return YES_OR_NO[text.lower()]


READERS: dict[int, Callable[[str], Any]] = {
    FieldDescriptor.TYPE_STRING: str,
    FieldDescriptor.TYPE_BOOL: yes_or_no,
    FieldDescriptor.TYPE_INT32: whole_number,
    FieldDescriptor.TYPE_INT64: whole_number,
    FieldDescriptor.TYPE_MESSAGE: duration,
}
