"""Certificates of clients, and which callers they are. The time is passed in."""

import re
from datetime import UTC, datetime

import pytest

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import Role
from cartera.rpc.certificates import Certificates, callers_of_document
from cartera.rpc.key_sources import Keys
from cartera.rpc.keys import keys_of_document
from cartera.rpc.security import Authentication, Unchanging
from cartera.rpc.tokens import TokenRules, Tokens
from tests.fixtures.certificates import Authority
from tests.fixtures.tokens import NOW, entry, key_set, token

pytestmark = pytest.mark.req("G7")

CALLERS = b"""
callers:
  - {uri: "spiffe://example.org/voice", tenant: acme, role: gateway, subject: voice-1, campaigns: [ventas]}
  - {dns: chat.example.org, tenant: acme, role: gateway, subject: chat-1}
  - {common_name: panel, tenant: other, role: supervisor, subject: sofia, workgroups: [vip]}
"""
VOICE = Caller(Actor(Role.GATEWAY, "voice-1"), "acme", campaign_ids=frozenset({"ventas"}))
CHAT = Caller(Actor(Role.GATEWAY, "chat-1"), "acme")
PANEL = Caller(Actor(Role.SUPERVISOR, "sofia"), "other", workgroup_ids=frozenset({"vip"}))


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def callers():
    return Unchanging(callers_of_document(CALLERS))


def certificates(callers, now=NOW):
    return Certificates(callers, lambda: now)


def peer(pair):
    return {"transport_security_type": [b"ssl"], "x509_pem_cert": [pair.certificate]}


def problem_with(identify, *given):
    with pytest.raises(Rejected) as refused:
        identify(*given)
    (violation,) = refused.value.violations
    return violation.data.get("problem", violation.reason.name)


@pytest.mark.parametrize(
    ("names", "caller"),
    [
        (("x", "spiffe://example.org/voice"), VOICE),
        (("x", "elsewhere.example.org", "chat.example.org"), CHAT),
        (("panel",), PANEL),
    ],
)
def test_a_certificate_says_who_calls(authority, callers, names, caller):
    """By a URI or a host among its names, or by its common name, as the file of callers has it."""
    assert certificates(callers).identify(peer(authority.issue(*names))).caller == caller


NOBODIES = {
    "another name": ("voice-2", "spiffe://example.org/voice-2"),
    "a name of another kind": ("chat.example.org", "panel.example.org"),
    "a part of a name": ("pane", "spiffe://example.org/voice/more", "sub.chat.example.org"),
}


@pytest.mark.parametrize("names", NOBODIES.values(), ids=NOBODIES)
def test_a_certificate_that_the_file_does_not_name_is_nobodys(authority, callers, names):
    """However genuine it is."""
    assert problem_with(certificates(callers).identify, peer(authority.issue(*names))) == "the certificate is nobody's"


def test_a_certificate_of_two_callers_is_refused(authority, callers):
    """Which of them calls is not guessed."""
    pair = authority.issue("panel", "chat.example.org")
    assert "more than one" in problem_with(certificates(callers).identify, peer(pair))


def test_a_certificate_that_expires_while_connected_counts_no_more(authority, callers):
    """The connection was made while it was good."""
    pair = authority.issue("panel", until=datetime.fromtimestamp(NOW, UTC))
    assert certificates(callers, NOW - 1).identify(peer(pair)).valid_until == NOW
    assert problem_with(certificates(callers, NOW).identify, peer(pair)) == "TOKEN_EXPIRED"


def test_who_shows_nothing_is_nobody(callers):
    """Neither a token nor a certificate."""
    problem = problem_with(Authentication(None, certificates(callers)).identify, (), dict)
    assert problem == "there is neither a token nor a certificate"


def test_a_token_comes_before_a_certificate(authority, callers):
    """The token says who calls, good or bad; the certificate then only secures the connection."""
    keys = Keys(Unchanging(keys_of_document(key_set(entry("ES256", "ec")))))
    tokens = Tokens(keys, TokenRules("cartera"), lambda: NOW)
    identify = Authentication(tokens, certificates(callers)).identify
    panel = peer(authority.issue("panel"))
    assert identify((), lambda: panel).caller == PANEL
    assert identify((("authorization", f"Bearer {token()}"),), lambda: panel).caller.actor == Actor(Role.AGENT, "ana")
    assert "JSON Web Token" in problem_with(identify, (("authorization", "Bearer x"),), lambda: panel)


FAULTS = {
    "nothing": (b"", "must have a list of callers"),
    "no YAML": (b"callers: [", "no YAML"),
    "no text": (b"\xff", "no YAML"),
    "an object of Python": (b"!!python/object:os.system {}", "no YAML"),
    "no list": (b"callers: {}", "must have a list of callers"),
    "no caller": (b"callers: [x]", "callers[0]: it is no caller"),
    "no name": (b"callers: [{tenant: a, role: gateway, subject: x}]", "callers[0]: it must have one of"),
    "two names": (b"callers: [{dns: a, uri: b, tenant: a, role: gateway, subject: x}]", "it must have one of"),
    "an unknown field": (
        b"callers: [{dns: a, tenants: a, role: gateway, subject: x}]",
        "callers[0]: there is no tenants",
    ),
    "no role": (b"callers: [{dns: a, tenant: a, subject: x}]", "callers[0]: the claim role is missing"),
    "the service itself": (b"callers: [{dns: a, tenant: a, role: system, subject: x}]", "role is none of"),
    "campaigns of an agent": (b"callers: [{dns: a, tenant: a, role: agent, subject: x, campaigns: [b]}]", "only for"),
    "a name twice": (b"callers:" + 2 * b"\n- {dns: a, tenant: a, role: gateway, subject: x}", "dns a is named twice"),
}


@pytest.mark.parametrize(("content", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_file_with_a_fault_is_refused_whole(content, problem):
    """In one line that says where; nobody gets in by the half of it."""
    with pytest.raises(ValueError, match=re.escape(problem)) as caught:
        callers_of_document(content)
    assert "\n" not in str(caught.value)
