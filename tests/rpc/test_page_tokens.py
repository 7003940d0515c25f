"""Page tokens: opaque, and good for their list only."""

import base64

import pytest

from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.page_tokens import _checksum, key_after, page_token
from tests.rpc.calls import call_of

TOKEN = page_token(call_of("ListInteractions", agent_id="ana"), ("i7",))


def refused(call):
    with pytest.raises(Rejected) as caught:
        key_after(call)
    (violation,) = caught.value.violations
    return (violation.reason, violation.subject) == (ErrorReason.PAGE_TOKEN_INVALID, "page_token")


@pytest.mark.parametrize("key", [("i7",), ("contact ñ", "campaign"), ("a" * 128,), ("",)])
def test_a_token_leads_to_where_its_page_ended(key):
    """A token brings back the key that it was made of, and fits its field."""
    token = page_token(call_of("ListContacts"), key)
    assert key_after(call_of("ListContacts", page_token=token), len(key)) == key
    assert len(token) <= 1024


def test_the_first_page_has_no_token():
    """No token is the beginning."""
    assert key_after(call_of("ListContacts")) is None


def test_size_and_revision_may_change_between_pages():
    """The next page may be of another size, and newer."""
    call = call_of("ListInteractions", agent_id="ana", page_token=TOKEN, page_size=5, min_revision=3)
    assert key_after(call) == ("i7",)


@pytest.mark.req("G3")
@pytest.mark.parametrize(
    "call",
    [
        call_of("ListInteractions", agent_id="bea", page_token=TOKEN),
        call_of("ListInteractions", page_token=TOKEN),
        call_of("ListContacts", page_token=TOKEN),
    ],
    ids=["other filter", "no filter", "other list"],
)
def test_a_token_is_of_no_use_for_another_list(call):
    """A token from another list or with other filters is refused."""
    assert refused(call)


def test_a_token_is_of_no_use_for_another_tenant():
    """Nor one from another tenant."""
    call = call_of("ListInteractions", agent_id="ana", page_token=TOKEN)
    call.request.tenant_id = "other"
    assert refused(call)


@pytest.mark.req("G3", "G7")
@pytest.mark.parametrize(
    "key",
    [b"", b"7", b'"i7"', b"{}", b"[]", b"[7]", b'["a","b"]', b"[[" * 300, b'["\\ud800"]', b'["a\\u0000"]', b'["\xff"]'],
)
def test_a_forged_token_is_refused(key):
    """A token with the right checksum around what is no key of the list is refused, not an error of ours."""
    call = call_of("ListContacts")
    token = base64.urlsafe_b64encode(_checksum(call, key) + key).decode()
    assert refused(call_of("ListContacts", page_token=token))


@pytest.mark.req("G3")
@pytest.mark.parametrize(
    "token",
    ["x", "====", "ñ", "not a token", TOKEN[:-1], TOKEN + "A", "A" + TOKEN[1:], TOKEN[:14] + "x" + TOKEN[15:]],
)
def test_a_tampered_token_is_refused(token):
    """A token that was changed, cut or invented is refused."""
    assert refused(call_of("ListInteractions", agent_id="ana", page_token=token))
