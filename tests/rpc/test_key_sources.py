"""Keys behind a URL: how they are fetched, changed and missed. A real server answers, on loopback."""

import asyncio
import threading
import time
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ErrorReason
from cartera.rpc import fetching
from cartera.rpc.fetching import fetch, require_fetchable
from cartera.rpc.key_sources import LEAST_SECONDS, FetchedKeys, Keys
from cartera.rpc.security import Security, SecurityOptions, TokenKeys
from tests.fixtures.tokens import entry, key_set

pytestmark = pytest.mark.req("G7")

OLD, NEW = key_set(entry("ES256", "old")), key_set(entry("ES256", "old"), entry("ES256", "new"))


class Answers(BaseHTTPRequestHandler):
    """What is asked for: keys, or one of the faults of who serves them."""

    def do_GET(self):
        self.server.asked += 1
        getattr(self, "well" if self.path == "/elsewhere" else self.server.behaviour)()

    def well(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)

    def redirecting(self):
        self.send_response(302)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def missing(self):
        self.send_error(404)

    def endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.wfile.closed:
            self.wfile.write(b" " * 65536)

    def silent(self):
        self.server.released.wait(10)

    def nonsense(self):
        self.wfile.write(b"nonsense\r\n\r\n")

    def handle(self):
        try:
            super().handle()
        except ConnectionError:  # who asked has heard enough
            return

    def log_message(self, *_):
        """Say nothing."""


class PassingTime:
    """A minute passes with every look at the clock."""

    seconds = 0.0

    @classmethod
    def monotonic(cls):
        cls.seconds += 60
        return cls.seconds


@pytest.fixture(scope="module")
def running():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.released = threading.Event()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


@pytest.fixture
def server(running):
    running.behaviour, running.content, running.asked = "well", OLD, 0
    running.url = f"http://127.0.0.1:{running.server_port}/keys"
    return running


@pytest.fixture
def fetched(server):
    return FetchedKeys(server.url, every=1000)


def reason_of(keys, key_id):
    with pytest.raises(Rejected) as refused:
        keys.fitting("ES256", key_id)
    return refused.value.violations[0].reason


async def test_keys_change_with_what_is_served(server, fetched):
    """The old key counts beside the new one, and no longer once it is taken out."""
    keys = Keys(fetched)
    for content, key_ids in ((OLD, ["old"]), (NEW, ["old", "new"]), (key_set(entry("ES256", "new")), ["new"])):
        server.content = content
        await fetched.fetch()
        assert [key.key_id for key in keys.current] == key_ids


@pytest.mark.parametrize("behaviour", ["missing", "redirecting", "nonsense", "well"])
async def test_while_the_url_is_away_the_last_keys_hold(server, fetched, behaviour):
    """Whatever comes instead of keys."""
    await fetched.fetch()
    held = fetched.value
    server.behaviour, server.content = behaviour, b'{"keys": []}'
    await fetched.fetch()
    assert fetched.value is held
    assert len(held) == 1


async def test_without_any_keys_yet_a_caller_may_try_again(server, fetched):
    """That the keys are not there is not the caller's fault."""
    keys = Keys(fetched=fetched)
    assert reason_of(keys, "old") is ErrorReason.KEYS_UNAVAILABLE
    await fetched.fetch()
    assert keys.fitting("ES256", "old")


async def test_a_replica_without_keys_is_not_ready(server):
    """It could let nobody in; others can."""
    server.behaviour = "missing"
    security = Security(SecurityOptions(token_keys=TokenKeys(url=server.url)), time.time)
    await security.start()
    assert not security.is_ready
    await security.stop()
    server.behaviour = "well"
    await security.start()
    assert security.is_ready
    await security.stop()


async def test_a_key_that_is_missing_is_asked_for_before_it_is_refused(server, fetched):
    """A caller with the issuer's newest key tries again and gets in; one with a key that isn't there is refused."""
    keys = Keys(fetched=fetched)
    await fetched.fetch()
    assert reason_of(keys, "new") is reason_of(keys, "other") is ErrorReason.KEYS_UNAVAILABLE
    server.content = NEW
    await fetched.fetch()
    assert keys.fitting("ES256", "new")
    assert reason_of(keys, "other") is ErrorReason.CALLER_UNKNOWN


async def test_a_flood_of_unknown_keys_is_refused(fetched):
    """Only so many are looked for; the others are told no at once."""
    await fetched.fetch()
    reasons = [reason_of(Keys(fetched=fetched), f"x{number}") for number in range(101)]
    assert reasons[-1] is ErrorReason.CALLER_UNKNOWN
    assert set(reasons[:-1]) == {ErrorReason.KEYS_UNAVAILABLE}


async def test_a_missing_key_is_fetched_at_once_but_not_again_and_again(server):
    """Whoever misses one wakes the one who fetches; who pauses in between, whatever is missed."""
    pauses = asyncio.Queue()

    async def pause(seconds):
        await pauses.put(seconds)
        await pauses.join()

    fetched = FetchedKeys(server.url, every=1000, pause=pause)
    await fetched.fetch()
    following = asyncio.create_task(fetched.follow())
    assert await pauses.get() == LEAST_SECONDS
    fetched.may_have("new")
    assert server.asked == 1
    pauses.task_done()
    assert await pauses.get() == LEAST_SECONDS
    assert server.asked == 2
    following.cancel()


@pytest.mark.parametrize(
    ("behaviour", "seconds", "problem"),
    [
        ("missing", 4, "404"),
        ("redirecting", 4, "it redirects"),
        ("endless", 4, "longer than"),
        ("endless", 0, "takes too long"),
        ("silent", 0.05, "timed out"),
        ("nonsense", 4, "nonsense"),
    ],
)
def test_whoever_serves_the_keys_holds_nothing_up(server, monkeypatch, behaviour, seconds, problem):
    """An answer that is none, too long or too slow is given up; and nobody is sent elsewhere."""
    monkeypatch.setattr(fetching, "SECONDS", seconds or 4)
    if not seconds:
        monkeypatch.setattr(fetching, "time", PassingTime)
    server.behaviour = behaviour
    with pytest.raises((OSError, HTTPException), match=problem):
        fetch(server.url)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/keys", "http://127.0.0.1.example.org/", "file:///etc/passwd", "ftp://127.0.0.1/", "https://"],
)
def test_keys_come_over_https_or_from_this_machine(url):
    """Else whoever is on the way could sign."""
    with pytest.raises(ValueError, match=r"https|host"):
        require_fetchable(url)
