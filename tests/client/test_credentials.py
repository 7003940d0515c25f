"""What a client shows of itself, and how it renews it."""

import grpc
import pytest

from cartera.client import CarteraError, tls
from cartera.routing.v1.agent_service_pb2 import GetAgentResponse
from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import WatchEventsResponse
from tests.client.scripted import ScriptedService, followed, in_background, status

pytestmark = pytest.mark.req("G7")

GET = "AgentService/GetAgent"
EXPIRED = status(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")


def shown(call):
    return call.metadata["authorization"]


def test_a_token_in_a_file_is_read_for_each_call(tmp_path):
    """Whoever renews it writes the file; the client needn't be told."""
    file = tmp_path / "token"
    service = ScriptedService(token=file)
    for text in ("first", "second"):
        file.write_text(f"{text}\n")
        with in_background(service.client.agents.GetAgent, agent_id="ana"):
            call = service.take(GET)
            call.answer(GetAgentResponse())
        assert shown(call) == f"Bearer {text}"


def test_a_call_with_an_expired_token_is_made_again_with_a_new_one():
    """Once: where that one is no better, the caller hears of it."""
    texts = iter(["old", "new", "old", "older"])
    service = ScriptedService(token=lambda: next(texts))
    with in_background(service.client.agents.GetAgent, agent_id="ana") as answer:
        service.take(GET).fail(EXPIRED)
        call = service.take(GET)
        call.answer(GetAgentResponse())
        assert answer.result(timeout=120) == GetAgentResponse()
    assert shown(call) == "Bearer new"
    with in_background(service.client.agents.GetAgent, agent_id="ana") as answer:
        service.take(GET).fail(EXPIRED)
        service.take(GET).fail(EXPIRED)
        assert isinstance(answer.exception(timeout=120), CarteraError)


def test_a_token_that_stays_the_same_is_not_tried_again():
    """It has expired for good."""
    service = ScriptedService(token="old")
    with in_background(service.client.agents.GetAgent, agent_id="ana") as answer:
        service.take(GET).fail(EXPIRED)
        assert answer.exception(timeout=120).reason == "TOKEN_EXPIRED"


def test_a_watch_goes_on_with_a_new_token():
    """From where it was; and ends where the new token is refused at once."""
    texts = iter(["old", "new", "newer"])
    service = ScriptedService(token=lambda: next(texts))
    with followed(service.client.watch(3)) as steps:
        service.take_stream().fail(EXPIRED, stream=True)
        resumed = service.take_stream()
        resumed.send(WatchEventsResponse(change=Change(revision=4)))
        assert steps.next().change.revision == 4
        resumed.fail(EXPIRED, stream=True)
        again = service.take_stream()
        again.fail(EXPIRED, stream=True)
        assert steps.next().reason == "TOKEN_EXPIRED"
    assert (shown(resumed), shown(again)) == ("Bearer new", "Bearer newer")
    assert again.request.start_after_revision == 4


def test_a_certificate_needs_its_key(tmp_path):
    """And the other way round."""
    file = tmp_path / "x"
    file.write_bytes(b"")
    for files in ({"certificate_file": file}, {"key_file": file}):
        with pytest.raises(ValueError, match="go together"):
            tls(**files)
