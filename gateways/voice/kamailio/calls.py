"""The SIP side of the voice gateway: Kamailio runs it in each of its processes.

It holds calls, and decides nothing: what is to be done with one the sidecar orders.
"""

import functools
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import answers
import KSR
import sip
import table
from settings import ADDRESS, DECISION_MILLISECONDS, PHONES_NETWORK, RETRY_AFTER_SECONDS
from table import ENDED, RINGING, SUSPENDED, Call, change
from transaction import continue_with, reply, stop_ringing, suspend

SILENT_PHONE_MILLISECONDS = 2_000
"""A phone that says nothing at all for so long is not there."""

UNAVAILABLE = 480
ANSWERS = range(200, 300)


def mod_init() -> "Calls":
    return Calls()


def pv(name: str) -> Any:
    return KSR.pv.get(name)


def route(function: Callable[..., None]) -> Callable[..., int]:
    """Kamailio wants a number of each, and is told nothing by it."""

    @functools.wraps(function)
    def answering(*arguments: Any) -> int:
        function(*arguments)
        return 1

    return answering


class Calls:
    """What Kamailio runs; the names that begin with ksr_ are those it was given."""

    def __init__(self) -> None:
        self.order: dict[str, Any] = {}

    def child_init(self, _rank: int) -> int:
        return 0

    # Requests

    @route
    def ksr_request_route(self, _message: Any) -> None:
        if KSR.maxfwd.process_maxfwd(10) < 0:
            KSR.sl.sl_send_reply(483, "Too Many Hops")
        elif KSR.sanity.sanity_check(1511, 7) < 0:
            return
        elif KSR.is_CANCEL():
            self.cancel()
        elif KSR.siputils.has_totag() > 0:
            self.within_dialogue()
        elif KSR.is_INVITE():
            self.invite()
        elif KSR.is_REGISTER():
            self.register()
        elif KSR.is_OPTIONS():
            KSR.sl.sl_send_reply(200, "OK")
        elif not KSR.is_ACK():
            KSR.sl.sl_send_reply(405, "Method Not Allowed")

    def register(self) -> None:
        if KSR.ipops.is_in_subnet(pv("$si"), PHONES_NETWORK) < 0:
            KSR.sl.sl_send_reply(403, "Forbidden")
        else:
            KSR.registrar.save("location", 0)

    def invite(self) -> None:
        if KSR.tm.t_newtran() <= 0:  # a retransmission, which the transaction has answered
            return
        if not suspend(DECISION_MILLISECONDS):
            KSR.tm.t_reply(503, "Service Unavailable")
            return
        change(
            table.key_of_message(),
            phase="new",
            transaction=f"{pv('$T(id_index)')}:{pv('$T(id_label)')}",
            call_id=pv("$ci"),
            sequence=str(pv("$cs")),
            caller=unquote(pv("$fU") or ""),
            number=unquote(pv("$rU") or ""),
        )

    def cancel(self) -> None:
        if KSR.tm.t_check_trans() <= 0:
            return
        left = table.leave(table.key_of_message())
        if left and left["phase"] == "leaving":
            answers.turn_away(left["key"])
        KSR.tm.t_relay()

    def within_dialogue(self) -> None:
        if KSR.rr.loose_route() > 0:
            if KSR.is_BYE():
                self.bye()
            KSR.tm.t_relay()
        elif not KSR.is_ACK():
            KSR.sl.sl_send_reply(404, "Not Here")
        elif KSR.tm.t_check_trans() > 0:
            KSR.tm.t_relay()

    def bye(self) -> None:
        """The Record-Route says whose it is, even where this Kamailio was started after the call was."""
        said = dict(part.split("=", 1) for part in (pv("$route_uri") or "").split(";") if "=" in part)
        key, interaction = said.get("call", ""), said.get("interaction", "")
        if hmac.compare_digest(said.get("seal", ""), table.seal(key, interaction)):
            change(key, phase="over", interaction=interaction)

    # Phones

    @route
    def ksr_branch(self, _message: Any) -> None:
        key = table.key_of_message()
        call = table.read(key)
        assert call is not None
        interaction = call["interaction"]
        KSR.rr.record_route()
        KSR.rr.add_rr_param(f";call={key};interaction={interaction};seal={table.seal(key, interaction)}")
        if call["branch"] is None:
            change(key, branch=pv("$T_branch_idx"))

    @route
    def ksr_reply_route(self, _message: Any) -> None:
        """An answer of a phone is held back until the sidecar has seen to it that the agent has the interaction."""
        call = table.read(table.key_of_message()) if pv("$rm") == "INVITE" and pv("$rs") in ANSWERS else None
        if call is None:
            return
        branch = sip.branch_number(pv("$hdr(Via)"))
        if call["phase"] == "talking" and branch == call["answered_branch"]:
            return
        KSR.set_drop()
        late = call["phase"] not in RINGING or call["branch"] is None or branch < call["branch"]
        if late or call["answered_branch"] not in (None, branch):
            answers.hang_up(pv("$mb"))
        elif call["answered_branch"] is None:
            self.hold_back(call, branch)

    def hold_back(self, call: Call, branch: int) -> None:
        answers.hold_back(call["key"])
        phase = "answered" if call["phase"] == "ringing" else call["phase"]
        if change(call["key"], call["version"], phase=phase, answered_branch=branch) is None:
            answers.forget(call["key"])  # the call has changed in this moment; the phone says it again
        elif phase != "answered":
            answers.turn_away(call["key"])

    @route
    def ksr_failed(self, _message: Any) -> None:
        """The wait or the ringing is over without an answer that was passed on."""
        call = table.read(table.key_of_message())
        if call is None:
            return
        self.quieten(call)
        if KSR.tm.t_is_canceled() > 0:
            if call["phase"] not in ENDED:
                change(call["key"], phase="abandoned")
        elif call["phase"] in (*RINGING, "talking"):  # the time ran out while the answer was being put back
            self.declined(call["key"], pv("$T_reply_code"))
        elif call["phase"] == "new":
            change(call["key"], phase="refused")
            KSR.hdr.append_to_reply(f"Retry-After: {RETRY_AFTER_SECONDS}\r\n")
            KSR.tm.t_reply(503, "Service Unavailable")
        else:
            self.give_up(call["key"])

    def quieten(self, call: Call) -> None:
        """A phone whose answer was turned away, or whose answer nobody accepted in time."""
        answer = answers.held_back(call["key"])
        if not answer:
            return
        answers.forget(call["key"])
        if call["phase"] == "answered":
            answers.hang_up(answer)
        else:  # tm has acknowledged it
            answers.say_within(answer, "BYE")

    def declined(self, key: str, status: int) -> None:
        if suspend():
            change(key, phase="declined", status=status)
        else:  # it has rung as many phones as a transaction can
            self.give_up(key)

    def give_up(self, key: str) -> None:
        change(key, phase="refused")
        KSR.tm.t_reply(UNAVAILABLE, "Temporarily Unavailable")

    # What the sidecar orders

    @route
    def ksr_sidecar(self, _message: Any, event: str) -> None:
        if event != "evapi:message-received":
            return
        self.order = json.loads(pv("$evapi(msg)"))
        if self.order["do"] == "list":
            self.list_calls()
            return
        call = table.read(self.order["key"])
        if call and call["version"] == self.order["version"]:
            getattr(self, f"order_{self.order['do']}")(call)

    def list_calls(self) -> None:
        for call in table.all_calls():
            table.tell(call)
        table.tell({"listed": self.order["list"]})

    def change(self, call: Call, **fields: Any) -> bool:
        """Whether the call was still as it was when the order was given."""
        return change(call["key"], self.order["version"], **fields) is not None

    def order_hold(self, call: Call) -> None:
        """Say that it is queued, and how the queue stands: a first time, or once more."""
        if call["phase"] == "new" and self.change(call, phase="waiting", interaction=self.order["interaction"]):
            continue_with("ksr_hold", call)
        if call["phase"] in SUSPENDED:
            reply(call, 182, self.order["phrase"])

    @route
    def ksr_hold(self, _message: Any) -> None:
        suspend()

    def order_ring(self, call: Call) -> None:
        told = {name: self.order[name] for name in ("interaction", "agent", "offer")}
        fresh = {"branch": None, "answered_branch": None, "status": 0}
        if call["phase"] in SUSPENDED and self.change(call, phase="ringing", **told, **fresh):
            continue_with("ksr_ring", call)

    @route
    def ksr_ring(self, _message: Any) -> None:
        KSR.pv.sets("$ru", f"sip:{quote(self.order['agent'])}@{ADDRESS}")
        KSR.tm.t_set_fr(int(self.order["seconds"] * 1000), SILENT_PHONE_MILLISECONDS)
        KSR.tm.t_on_branch("ksr_branch")
        KSR.tm.t_on_failure("ksr_failed")
        if KSR.registrar.lookup("location") <= 0 or KSR.tm.t_relay() <= 0:
            self.declined(self.order["key"], UNAVAILABLE)

    def order_connect(self, call: Call) -> None:
        answer = answers.held_back(call["key"])
        if answer and call["phase"] == "answered" and self.change(call, phase="talking"):
            answers.forget(call["key"])
            answers.put_back(answer)

    def order_stop(self, call: Call) -> None:
        """The interaction is no longer the agent's."""
        if call["phase"] not in ("ringing", "answered") or not self.change(call, phase="stopping"):
            return
        if call["phase"] == "answered":
            answers.turn_away(call["key"])
        else:
            stop_ringing(call)

    def order_refuse(self, call: Call) -> None:
        if call["phase"] in SUSPENDED and self.change(call, phase="refused"):
            seconds = self.order["retry_after"]
            reply(call, self.order["status"], self.order["phrase"], f"Retry-After: {seconds}\r\n" if seconds else "")

    def order_forget(self, call: Call) -> None:
        if call["phase"] in ENDED:
            table.forget(call["key"])
            answers.forget(call["key"])
