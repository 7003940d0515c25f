"""Patterns of the contract suite: whether a value is as a case wants it, and where not."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

MISSING = object()
"""A value that isn't there."""


def mismatch(pattern: Any, value: Any, place: str = "") -> str | None:
    """What is wrong with a value, and where. None: it matches."""
    match pattern:
        case dict() if len(pattern) == 1 and set(pattern) <= set(_OPERATORS):
            [(operator, operand)] = pattern.items()
            return _OPERATORS[operator](operand, value, place)
        case dict():
            return _of_object(pattern, value, place)
        case list():
            return _of_list(pattern, value, place)
    return None if _are_equal(pattern, value) else _said(place, value, _written(pattern))


def _present(wanted: bool, value: Any, place: str) -> str | None:
    return None if wanted != _is_empty(value) else _said(place, value, "something" if wanted else "nothing")


def _includes(patterns: list[Any], value: Any, place: str) -> str | None:
    elements = value if isinstance(value, list) else []
    missing = (each for each in patterns if all(mismatch(each, element) for element in elements))
    return next((_said(place, value, f"a list with {_written(each)}") for each in missing), None)


def _has_size(size: int, value: Any, place: str) -> str | None:
    fits = isinstance(value, list) and len(value) == size
    return None if fits else _said(place, value, f"a list of {size}")


def _matches(expression: str, value: Any, place: str) -> str | None:
    found = isinstance(value, str) and re.search(expression, value)
    return None if found else _said(place, value, f"a text in which {expression} is found")


_OPERATORS: Mapping[str, Callable[[Any, Any, str], str | None]] = {
    "$present": _present,
    "$includes": _includes,
    "$size": _has_size,
    "$matches": _matches,
}


def _of_object(pattern: dict[str, Any], value: Any, place: str) -> str | None:
    if not isinstance(value, dict):
        return _said(place, value, "an object")
    each = (mismatch(wanted, value.get(key, MISSING), f"{place}.{key}") for key, wanted in pattern.items())
    return next(filter(None, each), None)


def _of_list(pattern: list[Any], value: Any, place: str) -> str | None:
    if not isinstance(value, list) or len(value) != len(pattern):
        return _said(place, value, f"a list of {len(pattern)}")
    each = (mismatch(wanted, value[index], f"{place}.{index}") for index, wanted in enumerate(pattern))
    return next(filter(None, each), None)


def _is_empty(value: Any) -> bool:
    return value is MISSING or value in (None, "", 0, "0", False, [], {})


def _are_equal(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, bool) or isinstance(value, bool) or pattern is None:
        return pattern is value
    return bool(pattern == value) or (_is_plain(pattern) and _is_plain(value) and str(pattern) == str(value))


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _said(place: str, value: Any, wanted: str) -> str:
    found = "nothing" if value is MISSING else _written(value)
    return f"{place.removeprefix('.') or 'the whole'} is {found}, not {wanted}"


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
