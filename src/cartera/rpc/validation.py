"""Whether a request keeps the limits that the contract sets: every bad field is named at once."""

from collections.abc import Iterator
from typing import Any

import protovalidate
from google.protobuf.message import Message

from cartera.contract.shape import once_per_type
from cartera.core.rejection import Violation, reject_any
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.glance import Glance, glance_at

_NUL = "\0"


def validate(request: Message, payload: bytes) -> None:
    """Raises Rejected with every field that is outside its limits. The payload is the request's own bytes."""
    if 0 not in payload and _glance_of(type(request))(request):
        return
    violations = [_violation(found.proto) for found in protovalidate.collect_violations(request)]
    # Bytes without a zero hold no text with one, which is nearly always; else each text is looked at.
    if 0 in payload:
        violations += [_has_nul(path) for path in texts_with_nul(request)]
    if violations and _has_mask(request):
        violations = _within_mask(request, violations)
    reject_any(violations)


def _has_mask(request: Any) -> bool:
    """What an update may create has to be whole."""
    return "update_mask" in request.DESCRIPTOR.fields_by_name and not getattr(request, "allow_missing", False)


def _within_mask(request: Any, violations: list[Violation]) -> list[Violation]:
    """The violations of what the mask names. The rest of the resource is not taken: it is cleared, whatever it held."""
    mask = set(request.update_mask.paths)
    if not mask:
        return violations
    name = next(field.name for field in request.DESCRIPTOR.fields if field.message_type and field.name != "update_mask")
    resource = getattr(request, name)
    left_out = {field.name for field in resource.DESCRIPTOR.fields} - mask - {f"{name}_id", "etag"}
    for each in left_out:
        resource.ClearField(each)
    return [found for found in violations if _field_below(name, found.subject) not in left_out]


def _field_below(name: str, path: str) -> str:
    """The field of a resource that a path leads into; empty where it leads elsewhere."""
    first, _, rest = path.partition(".")
    return rest.partition(".")[0].partition("[")[0] if first == name else ""


@once_per_type
def compile_rules(request: type[Message]) -> None:
    """Have the rules of a request compiled now, rather than in the first call."""
    _glance_of(request)
    protovalidate.collect_violations(request())


@once_per_type
def _glance_of(request: type[Message]) -> Glance:
    return glance_at(request)


def _violation(found: Any) -> Violation:
    data = {"problem": found.message, "rule": found.rule_id}
    return Violation(ErrorReason.INVALID_FIELD, path_of(found.field.elements), data)


def path_of(elements: list[Any]) -> str:
    """The path of a field as people write it. Example: configuration.agents[1].capacity."""
    return ".".join(_step(element) for element in elements)


def _step(element: Any) -> str:
    name: str = element.field_name
    return name if element.subscript is None else f"{name}[{element.subscript.value}]"


def _has_nul(path: str) -> Violation:
    return Violation(
        ErrorReason.INVALID_FIELD, path, {"problem": "must not hold a NUL character", "rule": "string.no_nul"}
    )


def texts_with_nul(message: Message) -> Iterator[str]:
    """The paths of texts that hold a NUL, which no PostgreSQL keeps: one such would fail a batch of many calls."""
    for field, value in message.ListFields():
        repeated = not isinstance(value, str | Message) and hasattr(value, "__getitem__")
        for index, item in enumerate(value if repeated else (value,)):
            path = f"{field.name}[{index}]" if repeated else field.name
            if isinstance(item, str) and _NUL in item:
                yield path
            elif isinstance(item, Message):
                yield from (f"{path}.{inner}" for inner in texts_with_nul(item))
