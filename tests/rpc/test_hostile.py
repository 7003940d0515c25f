"""What clients should not send, and what they get for it; each answer is pinned."""

import pytest
from grpc import StatusCode

from cartera.rpc.methods import all_methods
from tests.rpc.failures import failing

pytestmark = pytest.mark.req("G3")

ROUTE = "/cartera.routing.v1.RoutingService/RouteInteraction"
UNARY = [method for method in all_methods() if not method.streams]


@pytest.mark.parametrize("payload", [b"\xff", b"\x0a\x05ab", b"GET / HTTP/1.1\r\n\r\n", b"\x0a\x01\xff"])
async def test_malformed_bytes_are_named(channel, payload):
    """Bytes that are no message get an answer of ours: which message they are not."""
    async with failing(StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED") as failed:
        await channel.unary_unary(ROUTE)(payload)
    assert "RouteInteractionRequest" in failed.message


async def test_a_stream_is_refused_like_a_call(channel):
    """A watch with malformed bytes gets the same answer as a call."""
    async with failing(StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED"):
        await channel.unary_stream("/cartera.routing.v1.EventService/WatchEvents")(b"\xff").read()


async def test_an_empty_message_is_refused_by_every_method(channel):
    """No method takes a request that names no tenant; each says so."""
    for method in UNARY:
        async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
            await channel.unary_unary(method.path)(b"")
        assert "tenant_id" in failed.fields, method.name


@pytest.mark.parametrize(
    "path", ["/cartera.routing.v1.RoutingService/Nope", "/other.Service/Call", "/cartera.routing.v2.X/Y"]
)
async def test_an_unknown_method_gets_a_typed_answer(channel, path):
    """A newer client learns which method there isn't."""
    async with failing(StatusCode.UNIMPLEMENTED, "METHOD_NOT_IMPLEMENTED") as failed:
        await channel.unary_unary(path)(b"")
    assert path.removeprefix("/") in failed.message


async def test_an_unknown_stream_gets_a_typed_answer(channel):
    """The same for a method that the client takes for a stream."""
    async with failing(StatusCode.UNIMPLEMENTED, "METHOD_NOT_IMPLEMENTED"):
        await channel.unary_stream("/cartera.routing.v1.EventService/Nope")(b"").read()


async def test_an_oversized_message_is_refused_by_grpc(channel):
    """A request beyond the limit never reaches us; the code is gRPC's own."""
    async with failing(StatusCode.RESOURCE_EXHAUSTED) as failed:
        await channel.unary_unary(ROUTE)(b"\0" * 300_000)
    assert failed.status is None


@pytest.mark.parametrize("role", ["boss", "system", "ADMINISTRATOR"])
async def test_garbage_in_the_metadata_is_no_caller(acme, role):
    """A role that there isn't is UNAUTHENTICATED."""
    async with failing(StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN"):
        await acme.acting_as(role, "x").GetTenant()


async def test_permission_comes_before_everything_that_is_shown(nobody):
    """Who may not call learns neither what is wrong with the request nor whether the tenant exists."""
    async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await nobody.acting_as("gateway").CreateAgent()


@pytest.mark.req("G7")
@pytest.mark.parametrize("role", ["administrator", "supervisor", "agent", "gateway"])
async def test_roles_are_those_of_the_contract(channel, role):
    """A role that the contract doesn't name for a method is refused; one that it names gets past that."""
    metadata = (("cartera-role", role), ("cartera-subject", "x"))
    for method in UNARY:
        allowed = role in {each.name.lower() for each in method.roles}
        async with failing(StatusCode.INVALID_ARGUMENT if allowed else StatusCode.PERMISSION_DENIED):
            await channel.unary_unary(method.path)(b"", metadata=metadata)


async def test_words_of_any_language_come_back(acme):
    """What is named in an error is named as it was written."""
    async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND") as failed:
        await acme.GetAgent(agent_id="begoña €")
    assert failed.message == "There is no agent begoña €."
    assert failed.details["ResourceInfo"].resource_name == "begoña €"


async def test_a_flood_of_faults_is_told_in_one_error(acme):
    """A configuration with hundreds of faults is refused with an error that arrives."""
    declared = {
        "triggers": [{"trigger_id": f"t{number}", "actions": {"workgroup_id": "none"}} for number in range(900)]
    }
    async with failing(StatusCode.INVALID_ARGUMENT, "UNKNOWN_REFERENCE") as failed:
        await acme.ApplyConfiguration(configuration=declared)
    assert int(failed.details["ErrorInfo"].metadata["violations_left_out"]) > 800


async def test_an_answer_to_a_retry_is_the_first_one(acme):
    """The same request under the same id gets the same bytes; another one is refused."""
    fields = {"campaign_id": "ventas", "contact_id": "c1", "channel": 2}
    first = await acme.RouteInteraction(request_id="r-1", **fields)
    assert await acme.RouteInteraction(request_id="r-1", **fields) == first
    async with failing(StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED") as failed:
        await acme.RouteInteraction(request_id="r-1", **fields | {"contact_id": "c2"})
    assert failed.fields == {"request_id"}
    async with failing(StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED"):
        await acme.CancelInteraction(request_id="r-1", interaction_id=first.interaction.interaction_id)
