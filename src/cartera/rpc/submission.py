"""From a call to the engine."""

import hashlib
from functools import cache, lru_cache
from typing import Any

from google.protobuf.message import Message

from cartera.contract.shape import once_per_type
from cartera.core.commands import Command
from cartera.core.records import Actor
from cartera.engine.engine import Engine
from cartera.engine.submission import Respond, Submission
from cartera.rpc.call import Call

FINGERPRINT_BYTES = 16


async def submit(engine: Engine, call: Call[Any], command: Command, respond: Respond) -> bytes:
    """Has the command decided and committed; answers what `respond` makes of the outcome."""
    request = call.request
    return await engine.submit(
        Submission(
            tenant_id=request.tenant_id,
            command=command,
            caller=call.caller,
            respond=respond,
            request_id=request.request_id,
            fingerprint=fingerprint(call.method.path, call.actor, request) if request.request_id else b"",
            validate_only=_has(type(request), "validate_only") and request.validate_only,
            deadline=call.deadline,
            why=request.why if _has(type(request), "why") else "",
        )
    )


@once_per_type  # to ask a message for a field that it hasn't takes some microseconds
def _has(request: type[Message], field: str) -> bool:
    return field in request.DESCRIPTOR.fields_by_name


def fingerprint(path: str, actor: Actor, request: Message) -> bytes:
    """What a request asks, and who: under one request_id it must be the same every time, and nobody is given what
    somebody else was answered.
    """
    hashed = _hash_of(path).copy()
    hashed.update(_mark_of(actor))
    hashed.update(request.SerializeToString(deterministic=True))
    return hashed.digest()


@lru_cache(4096)
def _mark_of(actor: Actor) -> bytes:
    subject = actor.subject_id.encode()
    return b"%d %d %b" % (actor.role, len(subject), subject)


@cache
def _hash_of(path: str) -> "hashlib.blake2b":
    return hashlib.blake2b(path.encode() + b"\0", digest_size=FINGERPRINT_BYTES)
