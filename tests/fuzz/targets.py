"""What is fuzzed by itself, without a network: each target takes any bytes, and raises only where there is a bug."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from typing import Any
from zlib import crc32

from cartera.core.decide import decide
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ErrorReason
from cartera.engine.errors import EngineError
from cartera.origin import LONGEST, correlation_of
from cartera.rpc.call import Call
from cartera.rpc.errors import failure_of
from cartera.rpc.identity import Metadata, claimed_identity
from cartera.rpc.interceptors import Exchange, call_of, steps
from cartera.rpc.languages import language_of
from cartera.rpc.limits import Streams, tenant_of
from cartera.rpc.messages import TEMPLATES
from cartera.rpc.methods import Method, all_methods
from cartera.rpc.page_tokens import _checksum, key_after
from cartera.rpc.services import servicers
from cartera.rpc.statuses import status_of
from tests.fuzz import tokens
from tests.fuzz.floor import story
from tests.rpc.calls import call_of as call_by_name

MOST_OF_A_STATUS = 8192
"""What clients take in the trailing metadata."""

CALLERS = (
    (),
    (("cartera-role", "agent"), ("cartera-subject", "ana")),
    (("cartera-role", "supervisor"), ("cartera-subject", "sofia")),
    (("cartera-role", "gateway"), ("cartera-subject", "voice-1")),
)
STEPS = steps(claimed_identity)
METHODS = sorted(all_methods(), key=lambda method: method.path)
SLOTS = 1024
NAMED = 3
"""The bytes of an input that name a method and a caller."""


class Reached(Exception):  # noqa: N818 - says how far it came
    """A call has come to the engine or the database, which aren't there."""


class MemoryEngine:
    """Decides what is submitted, and keeps nothing of it."""

    def __init__(self, told):
        self._told = told

    async def submit(self, submission):
        self._told._load(submission.command)
        decide(self._told.state, submission.command, submission.caller, self._told.now)
        raise Reached

    async def query(self, _tenant_id, question, _deadline):
        question(self._told.state, self._told.now)
        raise Reached

    def __getattr__(self, name):
        raise Reached


class MemoryReading:
    """Asks the state in memory; what asks the database has come through."""

    def __init__(self, told):
        self._told = told

    async def ask_state(self, _call, question):
        return question(self._told.state, self._told.now)

    async def ask(self, _call, _question):
        raise Reached

    answer = ask


TOLD = story()
SERVICERS = servicers(MemoryEngine(TOLD), MemoryReading(TOLD), Streams(10))
"""Real ones, in front of a tenant in memory."""


def call(data: bytes) -> None:
    """Any bytes as the request of any method: it is refused, or comes through to a decision."""
    if len(data) > NAMED:
        call_method(*called_by(data))


def called_by(data: bytes) -> tuple[Method, bytes, Metadata]:
    """The method, the request and the caller that an input stands for."""
    slot, caller = int.from_bytes(data[:2]) % SLOTS, data[2] % len(CALLERS)
    return method_of(slot), data[NAMED:], CALLERS[caller]


@cache
def method_of(slot: int) -> Method:
    """The method that a number stands for: the same one still when others have been added to the contract."""
    return min(METHODS, key=lambda method: crc32(b"%d %b" % (slot, method.path.encode())))


def call_method(method: Method, payload: bytes, metadata: Metadata = ()) -> None:
    exchange = Exchange(method, payload, metadata, None)
    try:
        for step in (*STEPS.before_limit, *STEPS.after_limit):
            step(exchange)
        run(method, call_of(exchange))
    except Reached:
        return
    except (Rejected, EngineError) as refusal:
        require_tellable(refusal)


def run(method: Method, made: Call[Any]) -> None:
    """Run a servicer as far as it comes without waiting for anything."""
    service = method.path.split("/")[1].rpartition(".")[2]
    answering = getattr(SERVICERS[service], method.name)(made)
    coroutine = answering.__anext__() if method.streams else answering
    try:
        coroutine.send(None)
    except StopIteration:
        return
    finally:
        coroutine.close()


def require_tellable(refusal: Exception) -> None:
    """The error is one of the contract's, and arrives, in every language."""
    failure = failure_of(refusal)
    assert failure.reason not in (ErrorReason.INTERNAL, ErrorReason.UNSPECIFIED), failure
    for language in TEMPLATES:
        assert len(status_of(failure, language).SerializeToString()) < MOST_OF_A_STATUS


def page_token(data: bytes) -> None:
    """A token that anybody may send, and one with a right checksum around what anybody may write."""
    asked = call_by_name("ListContacts")
    forged = urlsafe_b64encode(_checksum(asked, data) + data).decode()
    for token in (data.decode(errors="replace"), forged):
        asked.request.page_token = token
        try:
            key = key_after(asked)
        except Rejected as refusal:
            require_tellable(refusal)
            continue
        assert key is None or [type(each) for each in key] == [str], key
        assert key is None or json.dumps(key).encode()


def language(data: bytes) -> None:
    """Any header leads to a language that there is."""
    assert language_of([("accept-language", data.decode("latin-1"))]) in TEMPLATES


def tenant(data: bytes) -> None:
    """The tenant at a glance is the request's, or it is refused."""
    exchange = Exchange(METHODS[0], data, (), None)
    try:
        STEPS.after_limit[0](exchange)
    except Rejected:
        return
    assert tenant_of(data) in (b"", exchange.request.tenant_id.encode())
    assert exchange.tenant_id().isprintable()


def metadata(data: bytes) -> None:
    """Any headers name a caller or are refused, and give a correlation id that may stand in the log."""
    values = [each.decode("latin-1") for each in data.split(b"\0")]
    keys = ("cartera-role", "cartera-subject", "x-correlation-id", "traceparent")
    headers: list[tuple[str, str | bytes]] = list(zip(keys, values, strict=False))
    headers += [("cartera-subject-bin", each.encode("latin-1")) for each in values[len(keys) :]]
    correlation = correlation_of(headers)
    assert 0 < len(correlation) <= LONGEST
    assert correlation.isascii()
    assert correlation.isprintable()
    try:
        identity = claimed_identity(headers)
    except Rejected as refusal:
        require_tellable(refusal)
        return
    assert "\0" not in identity.caller.actor.subject_id


def token(data: bytes) -> None:
    """Any bearer token names a caller or is refused; and so does a good signature around any claims."""
    for each in (data.decode("latin-1"), *tokens.signed(data)):
        try:
            identity = tokens.TOKENS.identify(each)
        except Rejected as refusal:
            require_tellable(refusal)
            continue
        assert identity.caller.tenant_id
        assert identity.valid_until > time.time() - tokens.LEEWAY


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (call, page_token, language, tenant, metadata, token)
}
"""Each by its name, which is that of its corpus too."""

SEEDS: dict[str, tuple[bytes, ...]] = {
    "page_token": (b'["c1"]', b'["c1","ventas"]', b"WyJjMSJd", b'["\\ud800"]', b'["a\\u0000"]', b"[[[[", b"[7]"),
    "language": (b"es-MX,es;q=0.9,en;q=0.8,*;q=0.1", b"ES_co;q=0", b"es;q=nan,en;q=1e9"),
    "tenant": (b"\n\4acme", b"\n\4acme\n\5other", b"\x12\2r1\n\4acme", b"\n\x84\0acme"),
    "metadata": (
        b"agent\0ana\0call-1\x0000-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        b"supervisor\0\0\0\0sof\xc3\xada",
        b"boss\0\x1b[2J",
    ),
    "token": (
        json.dumps(tokens.CLAIMS).encode(),
        tokens.HEADER,
        b'role="supervisor"',
        b'workgroups=["sales"]',
        b"campaigns=[1]",
        b"exp=NaN",
        b"nbf=1e400",
        b'aud=["cartera"]',
        b'{"alg":"none"}',
    ),
}
"""What a fuzzer would take long to think of."""
