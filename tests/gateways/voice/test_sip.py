"""The SIP that the voice gateway makes of the phones' answers."""

import pytest
import sip

ANSWER = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK69dc.71cbe8641b9b.f1;received=127.0.0.1
Via: SIP/2.0/UDP 127.0.0.1:15901;branch=z9hG4bK-7.2
From: <sip:+34600001007@127.0.0.1>;tag=caller
t: <sip:+34910000100@127.0.0.1>;tag=phone
Call-ID: 7@127.0.0.1
CSeq: 4 INVITE
m: "Ana" <sip:ana@127.0.0.1:16001;transport=UDP>;expires=60
Content-Type: application/sdp
Content-Length: 5

v=0
""".replace("\n", "\r\n")


@pytest.mark.req("C9")
@pytest.mark.parametrize(("end", "number"), [("0", 0), ("9", 9), ("b", 11), ("f1", 31)])
def test_a_reply_names_its_branch(end, number):
    """The branch that a reply belongs to stands at the end of the topmost Via, its last digit first."""
    via = f"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKd3a1.f6e0.{end}, SIP/2.0/UDP 127.0.0.2;branch=z9hG4bK-x.7"
    assert sip.branch_number(via) == number


@pytest.mark.req("C9")
def test_an_answer_is_made_a_refusal():
    """A refusal made of an answer has its dialogue and its way back, and no session."""
    refusal = sip.declining(ANSWER, 480, "Temporarily Unavailable")
    assert refusal.startswith("SIP/2.0 480 Temporarily Unavailable\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;")
    assert refusal.endswith("\r\nContent-Length: 0\r\n\r\n")
    assert "t: <sip:+34910000100@127.0.0.1>;tag=phone" in refusal
    assert "sdp" not in refusal


@pytest.mark.req("C9")
@pytest.mark.parametrize(("method", "sequence"), [("ACK", 4), ("BYE", 5)])
def test_requests_stay_in_the_dialogue(method, sequence):
    """What is said to a phone that has answered stands in the dialogue of its answer, an ACK in that of its INVITE."""
    assert sip.headers_within(ANSWER, method) == (
        "From: <sip:+34600001007@127.0.0.1>;tag=caller\r\n"
        "To: <sip:+34910000100@127.0.0.1>;tag=phone\r\n"
        "Call-ID: 7@127.0.0.1\r\n"
        f"CSeq: {sequence} {method}\r\n"
    )
    assert sip.contact_uri(ANSWER) == "sip:ana@127.0.0.1:16001;transport=UDP"
