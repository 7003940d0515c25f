"""A glance at a request: whether it plainly keeps its limits, as nearly all do.

protovalidate looks at everything that a message may hold, which takes many times as long as parsing it; most hold a few
short texts and numbers. What passes here passes there too, which a test holds to on arbitrary messages. What doesn't is
asked there, and only there is said what is wrong: so rules that are rare need not be known here.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Any

from google.protobuf.message import Message

from cartera.routing.buf.validate import validate_pb2

Glance = Callable[[Message], bool]
Names = dict[str, Any]
"""What a piece of source refers to."""

PATTERNS: dict[str, Callable[[str], object]] = {
    # All control characters are among what can't be printed; of the others protovalidate decides.
    "^[^\\p{Cc}]*$": str.isprintable,
    # The same few tenants call again and again.
    "^[a-zA-Z0-9][a-zA-Z0-9._-]*$": lru_cache(4096)(re.compile("[a-zA-Z0-9][a-zA-Z0-9._-]*").fullmatch),
}
"""What tells that a text keeps a pattern."""

UNLIMITED = 1 << 63


class Unknown(Exception):  # noqa: N818 - no error: the glance says nothing of such a message
    """A rule that isn't known here, and that a message may break with nothing set."""


def glance_at(request: type[Message]) -> Glance:
    """Compiles the glance at a message: whether it plainly keeps its limits.

    From source, as named tuples are: a call for each field would take as long as protovalidate does.
    """
    names: Names = {"few_and_different": few_and_different}
    try:
        parts = dict(_parts(request, names))
    except Unknown:
        return lambda _: False
    if len(parts) < 2:  # noqa: PLR2004 - of one name alone, `attrgetter` gives no tuple
        return lambda _: False
    names["get"] = attrgetter(*parts)
    source = f"def passes(message):\n {', '.join(parts)} = get(message)\n return {' and '.join(parts.values())}"
    exec(source, names)  # noqa: S102 - made of the names of the contract's own fields, nothing from outside
    passes: Glance = names["passes"]
    return passes


def few_and_different(values: list[str], most: int, shortest: int, longest: int) -> bool:
    """Whether these are no more than so many texts, each once and of the right length."""
    lengths = [*map(len, values)]
    return (
        len(values) <= most and len(set(values)) == len(values) and min(lengths) >= shortest and max(lengths) <= longest
    )


def _parts(request: type[Message], names: Names) -> Iterator[tuple[str, str]]:
    """The fields, each with the source of what tells that it plainly keeps its rules."""
    described: Any = request.DESCRIPTOR  # the stubs of protobuf know neither extensions of options nor what fields have
    bound = [each.GetOptions().HasExtension(validate_pb2.oneof) for each in described.oneofs]
    if described.GetOptions().HasExtension(validate_pb2.message) or any(bound):
        raise Unknown
    for field in described.fields:
        rules = _set_in(field.GetOptions().Extensions[validate_pb2.field])
        if rules or field.message_type is not None:
            yield field.name, _part(field, rules, names)


def _set_in(rules: Any) -> dict[str, Any]:
    return {field.name: value for field, value in rules.ListFields()}


def _part(field: Any, rules: dict[str, Any], names: Names) -> str:
    if field.is_repeated:
        return _part_of_many(field, rules)
    if field.has_presence:
        return _part_of_unset(field, rules)
    kind, of_kind = rules.popitem()
    if rules or kind not in _PARTS:
        raise Unknown
    return _PARTS[kind](field, _set_in(of_kind), names)


def _part_of_unset(field: Any, rules: dict[str, Any]) -> str:
    if "required" in rules:
        raise Unknown
    return f"not message.HasField({field.name!r})"


def _part_of_many(field: Any, rules: dict[str, Any]) -> str:
    """Nothing is plain, and so are few texts."""
    many = _set_in(rules.pop("repeated")) if "repeated" in rules else {}
    if rules or many.get("min_items"):
        raise Unknown
    items = _set_in(many["items"]) if "items" in many else {}
    lengths = _set_in(items["string"]) if "string" in items else {}
    if lengths.keys() != {"min_len", "max_len"}:
        return f"not {field.name}"
    limits = f"{many['max_items']}, {lengths['min_len']}, {lengths['max_len']}"
    return f"(not {field.name} or few_and_different({field.name}[:], {limits}))"


def _part_of_text(field: Any, rules: dict[str, Any], names: Names) -> str:
    length = f"{rules.pop('min_len', 0)} <= len({field.name}) <= {rules.pop('max_len', UNLIMITED)}"
    pattern = rules.pop("pattern", "")
    if rules or (pattern and pattern not in PATTERNS):
        raise Unknown
    names[f"fits_{field.name}"] = PATTERNS.get(pattern)
    return f"{length} and fits_{field.name}({field.name})" if pattern else length


def _part_of_number(field: Any, rules: dict[str, Any], _names: Names) -> str:
    least, most = rules.pop("gte", -UNLIMITED), rules.pop("lte", UNLIMITED)
    if rules:
        raise Unknown
    return f"{least} <= {field.name} <= {most}"


def _part_of_code(field: Any, rules: dict[str, Any], names: Names) -> str:
    defined = set(field.enum_type.values_by_number)
    allowed = defined.intersection(rules.pop("in", defined)).difference(rules.pop("not_in", ()))
    if not rules.pop("defined_only", False) or rules:
        raise Unknown
    names[f"allowed_{field.name}"] = frozenset(allowed)
    return f"{field.name} in allowed_{field.name}"


_PARTS: dict[str, Callable[[Any, dict[str, Any], Names], str]] = {
    "string": _part_of_text,
    "int32": _part_of_number,
    "int64": _part_of_number,
    "enum": _part_of_code,
}
"""What makes the source for each kind of rules."""
