"""Variables of the contract suite: put into steps, and taken from what they bring."""

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"\$\{(\w+)\}")


class VariableError(Exception):
    """A step names what there isn't."""


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """A value with its variables put in. A string that is nothing but one becomes its value, of whatever kind."""
    match value:
        case str():
            return _fill_text(value, variables)
        case list():
            return [fill(each, variables) for each in value]
        case dict():
            return {key: fill(each, variables) for key, each in value.items()}
    return value


def _fill_text(text: str, variables: Mapping[str, Any]) -> Any:
    alone = _NAME.fullmatch(text)
    if alone:
        return _value(alone[1], variables)
    return _NAME.sub(lambda found: str(_value(found[1], variables)), text)


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise VariableError(f"there is no variable {name}")
    return variables[name]


def pick(value: Any, path: str) -> Any:
    """What stands in a value under a path: keys, and numbers in lists, with dots between them. "" is the whole."""
    for part in filter(None, path.split(".")):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise VariableError(f"there is nothing at {path} to be saved") from None
    return value
