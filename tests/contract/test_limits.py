"""Every field that a request may hold has a limit, read from the descriptors."""

from functools import partial

import pytest
from google.protobuf.descriptor import FieldDescriptor

from cartera.routing.buf.validate import validate_pb2
from cartera.rpc.methods import all_methods

pytestmark = pytest.mark.req("G3")

UNLIMITED = {
    "cartera.routing.v1.Trigger.position": "any number orders",
}
"""Fields that may hold all that their type can, with the reason."""

TEXTS = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
NEED_NOTHING = (FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_MESSAGE)
RANGES = {"gt", "gte"}, {"lt", "lte"}
OPEN_ABOVE = ("min_revision", "revision", "start_after_revision", "position")
"""Numbers of which every one that is not negative may be reached."""


def rules_of(field):
    return field.GetOptions().Extensions[validate_pb2.field]


def names(rules):
    return {field.name for field, _ in rules.ListFields()}


def is_text_limited(rules):
    # A pattern that repeats nothing without end limits the length as well.
    pattern = rules.string.pattern
    return "max_len" in names(rules.string) or (pattern != "" and not {"*", "+"} & set(pattern))


def is_range(rules, field):
    found = names(rules)
    return bool(found & RANGES[0]) and (bool(found & RANGES[1]) or field.name in OPEN_ABOVE)


def is_limited(field, rules):
    """Whether a value of the field, or an item of it, is within limits by the rules."""
    if field.type in TEXTS:
        return is_text_limited(rules)
    if field.enum_type is not None:
        return rules.enum.defined_only
    if field.message_type is not None:
        check = {
            "google.protobuf.Duration": lambda: is_range(rules.duration, field),
            "google.protobuf.Timestamp": lambda: is_range(rules.timestamp, field),
            "google.protobuf.FieldMask": lambda: bool(rules.cel),
        }
        return check.get(field.message_type.full_name, lambda: True)()
    return field.type in NEED_NOTHING or is_range(getattr(rules, rules.WhichOneof("type") or "int32"), field)


def unlimited(descriptor, seen):
    if descriptor in seen or descriptor.full_name.startswith("google."):
        return
    seen.add(descriptor)
    for field in descriptor.fields:
        rules = rules_of(field)
        if field.is_repeated:
            limited = "max_items" in names(rules.repeated) and is_limited(field, rules.repeated.items)
        else:
            limited = is_limited(field, rules)
        if not limited:
            yield field.full_name
        if field.message_type is not None:
            yield from unlimited(field.message_type, seen)


def test_every_field_of_a_request_has_a_limit():
    """Texts and lists have a greatest length, numbers and times a range, masks few paths."""
    found = partial(unlimited, seen=set())
    assert {name for method in all_methods() for name in found(method.request.DESCRIPTOR)} == set(UNLIMITED)
