"""Connections that are held and never say what they want: others are served meanwhile, and each has its end."""

from contextlib import ExitStack

import pytest

from tests.fuzz.attacks import ROUTE, SLOW
from tests.fuzz.http2 import (
    DATA,
    GOAWAY,
    MAX_CONCURRENT_STREAMS,
    PREFACE,
    call,
    connection,
    first_settings,
    frame,
    frames,
    greeted,
    message,
    until_closed,
)
from tests.fuzz.served import served

pytestmark = pytest.mark.req("G4")

MOST_STREAMS = 77
SOON = 0.3


@pytest.fixture(scope="module")
def tenant(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('slow')}/cartera.db"
    limits = {
        "handshake_seconds": SOON,
        "connection_idle_seconds": SOON,
        "connection_age_seconds": SOON,
        "connection_age_grace_seconds": SOON,
    }
    with served(url, connection_streams=MOST_STREAMS, **limits) as tenant:
        yield tenant


def test_held_connections_are_in_nobodys_way(tenant):
    """While hundreds of connections have stopped halfway, an honest call is answered."""
    with ExitStack() as stack:
        for begun in SLOW * 40:
            stack.enter_context(connection(tenant.address, begun))
        assert tenant.honest_call_works()


@pytest.mark.parametrize("begun", [b"", PREFACE[:10], PREFACE], ids=["nothing", "half a preface", "a preface"])
def test_a_connection_that_does_not_say_what_it_is_is_closed(tenant, begun):
    """It has `CARTERA_HANDSHAKE_SECONDS` to do so."""
    with connection(tenant.address, begun) as held:
        until_closed(held)


def test_an_idle_connection_is_closed(tenant):
    """One without a call is told to go, and closed."""
    with greeted(tenant.address) as held:
        assert GOAWAY in {kind for kind, *_ in frames(until_closed(held))}


def test_a_request_that_never_ends_is_ended(tenant):
    """The age of its connection ends it, although the request is under way as long as it likes."""
    begun = frame(DATA, 0, 1, message(b"x", length=1000))
    with greeted(tenant.address, call(ROUTE, 1), begun) as held:
        assert GOAWAY in {kind for kind, *_ in frames(until_closed(held))}


def test_the_streams_of_a_connection_are_limited(tenant):
    """The service says how many it takes at once, before anything else."""
    with greeted(tenant.address) as connected:
        assert first_settings(connected)[MAX_CONCURRENT_STREAMS] == MOST_STREAMS
