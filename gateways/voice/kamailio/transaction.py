"""The caller's transaction: how it is made to wait, goes on, and is answered."""

import json

import KSR
from table import Call, change

LONGEST_WAIT_MILLISECONDS = 86_400_000


def suspend(milliseconds: int = LONGEST_WAIT_MILLISECONDS) -> bool:
    """Let the caller wait. A failure route ends the wait if nothing continues it."""
    KSR.tm.t_set_fr(milliseconds, milliseconds)
    KSR.tm.t_on_failure("ksr_failed")
    return bool(KSR.tmx.t_suspend() > 0)


def continue_with(route: str, call: Call) -> None:
    """Where the transaction is gone, so is the caller."""
    index, label = call["transaction"].split(":")
    if KSR.tmx.t_continue(int(index), int(label), route) < 0:
        change(call["key"], phase="abandoned")


def reply(call: Call, status: int, phrase: str, headers: str = "") -> None:
    """Answer the caller from outside its transaction."""
    _procedure("tm.reply", status, phrase, call["transaction"], call["key"][:16], headers, "")


def stop_ringing(call: Call) -> None:
    _procedure("tm.cancel", call["call_id"], call["sequence"])


def _procedure(method: str, *parameters: str | int) -> None:
    """An RPC, because the functions that scripts have for the same never let go of the transaction."""
    KSR.jsonrpcs.exec(json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}))
