"""Logs of a service as a process: a line for each thing, with the call that it belongs to, and nothing of what people
wrote.
"""

import asyncio
import json
import os
import subprocess
import sys

import grpc
import pytest

from cartera.routing.v1 import configuration_service_pb2 as configuration
from tests.rpc.conftest import ACME, Caller
from tests.rpc.failures import Failed

# One service for all of them, in their order.
pytestmark = pytest.mark.req("G4")

PROGRAM = """
import atexit, sys
from cartera.command_line.main import main
atexit.register(lambda: print("imported", *sys.modules))
sys.argv = ["cartera", "serve"]
main()
"""
CANARIES = (
    "Pepa Pérez",
    "+34600111222",
    "llame más tarde",
    "Ana Gómez",
    "eyJhbGciOiJIUzI1NiJ9.e30.sig",
    "VIP desde 1998",
)
NAME, TELEPHONE, NOTE, AGENT, TOKEN, ATTRIBUTE = CANARIES


class Written:
    """What a service has written by its end."""

    def __init__(self, log, said):
        self.text = log + said
        self.lines = [json.loads(line) for line in log.splitlines()]
        self.imported = set(said.splitlines()[-1].split())

    def of(self, correlation_id):
        return [line for line in self.lines if line.get("correlation_id") == correlation_id]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A service at its most talkative, used by all kinds of callers, then stopped."""
    directory = tmp_path_factory.mktemp("logs")
    environment = {
        **os.environ,
        "CARTERA_DATABASE_URL": f"sqlite:///{directory / 'cartera.db'}",
        "CARTERA_LISTEN": "127.0.0.1:0",
        "CARTERA_DRAIN_SECONDS": "0",
        "CARTERA_LOG_FORMAT": "json",
        "CARTERA_LOG_LEVEL": "debug",
        "CARTERA_SLOW_CALL_SECONDS": "0.000001",
        "GRPC_VERBOSITY": "NONE",
    }
    log = directory / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=stream, text=True
        )
    try:
        address = process.stdout.readline().split()[-1]
        told = asyncio.run(use(address))
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return Written(log.read_text(), said), told


async def use(address):
    """What callers were told of their errors, by the correlation id that they gave."""
    async with grpc.aio.insecure_channel(address) as channel:
        acme = Caller(channel)
        acme.metadata = (("authorization", f"Bearer {TOKEN}"),)
        agents = [{**agent, "name": AGENT} for agent in ACME["agents"]]
        scripts = [{"script_id": f"s{number}", "text": "x" * 20_000} for number in range(100)]
        configured = configuration.Configuration(**{**ACME, "agents": agents, "scripts": scripts})
        await acme.ApplyConfiguration(configuration=configured)
        await acme.CreateContact(
            contact={
                "contact_id": "pepa",
                "name": NAME,
                "notes": NOTE,
                "attributes": [{"name": "telephone", "value": TELEPHONE}, {"name": "since", "value": ATTRIBUTE}],
            }
        )
        routed = await acme.RouteInteraction(campaign_id="ayuda", contact_id="pepa", channel=1, address="900")
        await acme.WriteNote(interaction_id=routed.interaction.interaction_id, text=NOTE)
        told = {each: await failed(acme, metadata) for each, metadata in CORRELATIONS.items()}
        malformed = channel.unary_unary("/cartera.routing.v1.RoutingService/RouteInteraction")
        for payload in (NOTE.encode(), b"\x0a\x04acme\x12\xff" + TELEPHONE.encode()):
            with pytest.raises(grpc.aio.AioRpcError):
                await malformed(payload)
        await leave(address, acme)
    return told


CORRELATIONS = {
    "gateway-42": (("x-correlation-id", "gateway-42"),),
    "0af7651916cd43dd8448eb211c80319c": (("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),),
    "_" * 13 + "quoted__" + "x" * 43: (("x-correlation-id", '<>"\'(){}[]!?&quoted";' + "x" * 500),),
}


async def failed(caller, metadata):
    caller = Caller(caller.channel)
    caller.metadata = metadata
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await caller.GetAgent(agent_id="nobody")
    return error.value


async def leave(address, other):
    """Callers who go in the middle of a stream's step that is longer than they take in at once."""
    for number in range(5):
        narrow = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536), ("number", number))
        async with grpc.aio.insecure_channel(address, options=narrow) as channel:
            stream = Caller(channel).WatchEvents(start_after_revision=0)
            await stream.read()
            for _ in range(5):  # meanwhile the next step has been begun
                await other.GetAgent(agent_id="ana")
            stream.cancel()


def test_every_line_is_an_object(written):
    """Of other libraries' lines too; each with what happened, when, and how bad it is."""
    log, _ = written
    assert all({"event", "level", "timestamp"} <= line.keys() for line in log.lines)
    assert {"serving", "ready", "draining", "stopped"} <= {line["event"] for line in log.lines}


def test_nothing_that_people_wrote_is_in_the_log(written):
    """Names, telephone numbers, notes and tokens, at the level that says most."""
    log, _ = written
    assert [
        canary for canary in CANARIES if canary in log.text or canary.encode("unicode_escape").decode() in log.text
    ] == []


@pytest.mark.req("G3")
@pytest.mark.parametrize("correlation_id", CORRELATIONS)
def test_an_error_and_its_line_have_the_same_correlation_id(written, correlation_id):
    """The caller's own, cleaned and cut, or its trace's: in the details, in the metadata, and in the log."""
    log, told = written
    error = told[correlation_id]
    assert Failed(error).details["RequestInfo"].request_id == correlation_id
    assert ("x-correlation-id", correlation_id) in list(error.trailing_metadata())
    refused = next(line for line in log.of(correlation_id) if line["event"] == "call refused")
    assert (refused["method"], refused["tenant_id"]) == ("/cartera.routing.v1.AgentService/GetAgent", "acme")
    assert (refused["code"], refused["reason"], refused["level"]) == ("NOT_FOUND", "RESOURCE_NOT_FOUND", "info")


def test_a_slow_call_has_a_warning(written):
    """With how long it took; a stream isn't slow, it lasts."""
    log, _ = written
    slow = [line for line in log.lines if line["event"] == "call was slow"]
    assert {"ApplyConfiguration", "RouteInteraction"} <= {line["method"].rpartition("/")[2] for line in slow}
    assert all(line["level"] == "warning" and line["milliseconds"] > 0 for line in slow)
    ended = [line for line in log.lines if line["event"] == "call"]
    assert {line["method"].rpartition("/")[2] for line in ended} == {"WatchEvents"}


def test_who_leaves_while_being_answered_is_no_error(written):
    """That the answer can't be written any more is the caller's affair."""
    log, _ = written
    assert [line for line in log.lines if line["level"] in {"error", "critical"}] == []
    assert {line["code"] for line in log.lines if line["event"] == "call"} == {"CANCELLED"}


def test_what_is_not_wanted_is_not_imported(written):
    """Neither OpenTelemetry nor Prometheus' library nor channelz costs a service anything that doesn't use it."""
    log, _ = written
    assert "cartera.telemetry.telemetry" in log.imported
    assert not {"opentelemetry", "prometheus_client", "grpc_channelz"} & log.imported
