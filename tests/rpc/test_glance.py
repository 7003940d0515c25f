"""A glance lets through only what protovalidate lets through."""

import protovalidate
import pytest

from cartera.rpc.glance import glance_at
from tests.rpc.calls import METHODS

pytestmark = pytest.mark.req("G3")

REQUESTS = {method.request.DESCRIPTOR.name: method.request for method in METHODS.values()}

LENGTHS = [0, 1, 2, 63, 64, 65, 127, 128, 129, 199, 200, 201, 255, 256, 257, 3999, 4000, 4001]
TEXTS = [
    *("é" * length for length in LENGTHS),
    *("a" * length for length in LENGTHS),
    *("2Acme._-", "-acme", "ac/me", "acme\n", "\t", "\x7f", "\x85", " ", "\u200b", "\U0001f600", "\ue000"),
]
NUMBERS = [-(2**31), -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99, 100, 101, 999, 1000, 1001, 10_000, 10_001, 2**31 - 1]
SEVERAL = [
    ["a", "b"],
    ["a", "a"],
    ["", "b"],
    ["a\x85"],
    *([str(each) for each in range(many)] for many in (99, 100, 101)),
]

USUAL = {
    "RouteInteractionRequest": {"campaign_id": "sales", "contact_id": "+57 1", "channel": 1, "tags": ["web", "vip"]},
    "CompleteInteractionRequest": {"interaction_id": "i7", "disposition": "sold", "note": "said\nthat"},
    "ListInteractionsRequest": {"page_size": 50},
    "SetAgentStatusRequest": {"agent_id": "ana", "status": 1},
}


def values_of(field):
    """What may be set there, at the edges of what may be."""
    if field.message_type is not None:
        return [field.message_type._concrete_class()]
    if field.type != field.TYPE_STRING:
        return [False, True] if field.type == field.TYPE_BOOL else NUMBERS
    return SEVERAL + [[each] for each in TEXTS] if field.is_repeated else TEXTS


def with_value(message, field, value):
    changed = type(message)()
    changed.CopyFrom(message)
    changed.ClearField(field.name)
    if field.is_repeated:
        getattr(changed, field.name).extend(value if isinstance(value, list) else [value])
    elif field.message_type is not None:
        getattr(changed, field.name).SetInParent()
    else:
        setattr(changed, field.name, value)
    return changed


def right(request):
    """A request with something right in every single text and number."""
    of = {8: True, 9: "a"}  # the types bool and string
    fields = [each for each in request.DESCRIPTOR.fields if each.message_type is None and not each.is_repeated]
    return request(**{each.name: of.get(each.type, 1) for each in fields if each.containing_oneof is None})


@pytest.mark.parametrize("name", REQUESTS)
def test_what_passes_at_a_glance_keeps_its_limits(name):
    """Of every kind of request, whatever one field holds: nothing passes that breaks a rule."""
    message = right(REQUESTS[name])
    passes = glance_at(REQUESTS[name])
    for field in message.DESCRIPTOR.fields:
        for value in values_of(field):
            changed = with_value(message, field, value)
            assert not (passes(changed) and protovalidate.collect_violations(changed)), (field.name, value)


@pytest.mark.parametrize(("name", "fields"), USUAL.items(), ids=USUAL)
def test_usual_requests_pass_at_a_glance(name, fields):
    """What is asked most takes the short way."""
    request = REQUESTS[name]
    assert glance_at(request)(request(tenant_id="acme", **fields))
