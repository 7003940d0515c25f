"""The real service, called by somebody who means no good: each call is answered as the contract says, nothing breaks
inside, and who behaves is served.
"""

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.attacks import ATTACKS
from tests.fuzz.messages import hostile
from tests.fuzz.served import PATIENCE, served
from tests.fuzz.targets import CALLERS, METHODS
from tests.rpc.calls import METHODS as BY_NAME

pytestmark = pytest.mark.req("G3", "G7")

UNARY = [method for method in METHODS if not method.streams]
SEED = 7


@pytest.fixture(scope="module")
def tenant(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/cartera.db"
    with served(url, message_bytes=100_000, connection_streams=500) as tenant:
        yield tenant


@settings(max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_hostile_values_get_a_defined_answer(tenant, data):
    """Any method, with a request in which some things are as they should not be."""
    method = data.draw(st.sampled_from(UNARY))
    tenant.send(method, data.draw(hostile(method.request.DESCRIPTOR)), data.draw(st.sampled_from(CALLERS)))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_arbitrary_bytes_get_a_defined_answer(tenant, method):
    """Any bytes, to every method: none of them is a request."""
    chance = random.Random(method.path)
    for size in (1, 2, 30, 3000):
        assert tenant.send(method, chance.randbytes(size)) in ("MESSAGE_MALFORMED", "INVALID_FIELD")


METADATA = (
    [("cartera-role", "x" * 5000)],
    [("cartera-role", "agent")] * 2,
    [("cartera-subject-bin", b"\xff" * 500)],
    [("accept-language", "," * 4000)],
    [("accept-language", "es;q=1e999,*;q=-0")],
    [("x-correlation-id", "%0a%1b[2J" * 200)],
    [("traceparent", "00-" + "g" * 60)],
    [("authorization", "Bearer " + "a." * 2000)],
    [("authorization", "")],
    [(f"x-{number}", "y") for number in range(200)],
)


@pytest.mark.parametrize("metadata", METADATA, ids=lambda metadata: f"{metadata[0][0]}, {len(metadata[0][1])}")
def test_garbage_in_the_metadata_gets_a_defined_answer(tenant, metadata):
    """Headers that nobody sends who knows what they are for."""
    method = BY_NAME["GetAgent"]
    assert tenant.send(method, b"\n\4acme\x12\3nix", metadata) in ("RESOURCE_NOT_FOUND", "CALLER_UNKNOWN")


@pytest.mark.parametrize("size", [17_000, 70_000])
def test_oversized_headers_are_refused_by_grpc(tenant, size):
    """Beyond 16 KiB of headers a call never reaches us; what is less does."""
    refused = tenant.send(BY_NAME["GetTenant"], b"\n\4acme", [("x-large", "y" * size)])
    assert refused in ("RESOURCE_EXHAUSTED", "CANCELLED")
    assert tenant.send(BY_NAME["GetTenant"], b"\n\4acme", [("x-large", "y" * 15_000)]) == ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_on_the_socket_leaves_nothing_behind(tenant, attack):
    """Whatever somebody does to the connection: the next honest call works, and no call or stream is left."""
    attack(tenant.address, random.Random(SEED))
    assert tenant.honest_call_works()


def test_nothing_is_left_of_all_that(tenant):
    """Calls and streams that were given up are counted no more, of no tenant and no caller."""
    assert until_at_rest(tenant), left(tenant)


LEFT_AT_REST = (0, {}, {}, {})


def left(tenant):
    """Calls under way, those of callers, streams of tenants and of callers."""

    def look(service):
        calls, streams = service._server._unary_calls, service._server._servicers["EventService"]._streams
        return calls._under_way, calls._callers._calls, dict(streams._of_tenant), dict(streams._callers._open)

    return tenant.inside(look)


def until_at_rest(tenant):
    """The service hears a moment later that somebody has left."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if left(tenant) == LEFT_AT_REST:
            return True
    return False
