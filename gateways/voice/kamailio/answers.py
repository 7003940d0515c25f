"""The phones' answers that are held back: tm, which passes replies on, has not seen them."""

import KSR
import sip
from settings import ADDRESS

NAME = "answers"


def hold_back(key: str) -> None:
    """The reply that is being looked at."""
    KSR.htable.sht_sets(NAME, key, KSR.pv.get("$mb"))


def held_back(key: str) -> str | None:
    answer: str | None = KSR.htable.sht_get(NAME, key)
    return answer


def forget(key: str) -> None:
    KSR.htable.sht_rm(NAME, key)


def put_back(answer: str) -> None:
    """Send it to ourselves: tm takes it as if it came just now."""
    KSR.corex.send_data(f"sip:{ADDRESS};transport=udp", answer)


def turn_away(key: str) -> None:
    """Let tm take it for a refusal, if there is one. tm acknowledges that, and then tells of the failure."""
    if answer := held_back(key):
        put_back(sip.declining(answer, 480, "Temporarily Unavailable"))


def say_within(answer: str, method: str) -> None:
    """Send the phone a request within the dialogue that its answer began."""
    KSR.tm.t_uac_send(method, sip.contact_uri(answer), "", "", sip.headers_within(answer, method), "")


def hang_up(answer: str) -> None:
    """The phone's user sees a call that ends at once."""
    say_within(answer, "ACK")
    say_within(answer, "BYE")
