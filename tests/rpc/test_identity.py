"""Who calls, as long as callers are believed."""

import pytest

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ErrorReason, Role
from cartera.rpc.identity import claimed_identity

KNOWN = [
    ([], Actor(Role.ADMINISTRATOR)),
    ([("user-agent", "grpc")], Actor(Role.ADMINISTRATOR)),
    ([("cartera-role", "administrator"), ("cartera-subject", "root")], Actor(Role.ADMINISTRATOR, "root")),
    ([("cartera-role", "gateway")], Actor(Role.GATEWAY)),
    ([("cartera-role", "agent"), ("cartera-subject", "ana")], Actor(Role.AGENT, "ana")),
    ([("cartera-role", "supervisor"), ("cartera-subject", "sofia")], Actor(Role.SUPERVISOR, "sofia")),
    ([("cartera-role", "agent"), ("cartera-subject-bin", "begoña".encode())], Actor(Role.AGENT, "begoña")),
]
UNKNOWN = [
    [("cartera-role", "boss")],
    [("cartera-role", "system")],
    [("cartera-role", "unspecified")],
    [("cartera-role", "Agent"), ("cartera-subject", "ana")],
    [("cartera-role", "agent")],
    [("cartera-role", "supervisor"), ("cartera-subject", "")],
    [("cartera-role", "agent"), ("cartera-role", "administrator"), ("cartera-subject", "ana")],
    [("cartera-role", "agent"), ("cartera-subject", "ana"), ("cartera-subject", "bea")],
    [("cartera-role", "agent"), ("cartera-subject", "a" * 129)],
    [("cartera-role", "agent"), ("cartera-subject-bin", b"\xff\xfe")],
    [("cartera-role", "agent"), ("cartera-subject-bin", b"a\0b")],
]


@pytest.mark.parametrize(("metadata", "actor"), KNOWN)
def test_callers_are_who_they_say(metadata, actor):
    """The metadata names a role and a subject; who says nothing is an administrator."""
    assert claimed_identity(metadata).caller == Caller(actor)


@pytest.mark.req("G3")
@pytest.mark.parametrize("metadata", UNKNOWN)
def test_garbage_is_no_caller(metadata):
    """What names no caller, or leaves it open who is meant, is refused rather than guessed."""
    with pytest.raises(Rejected) as refused:
        claimed_identity(metadata)
    assert refused.value.violations[0].reason is ErrorReason.CALLER_UNKNOWN
