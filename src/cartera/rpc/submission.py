"""From a call to the engine."""

import hashlib
from functools import cache
from typing import Any

from google.protobuf.message import Message

from cartera.core.commands import Command
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
            actor=call.actor,
            respond=respond,
            request_id=request.request_id,
            fingerprint=fingerprint(call.method.path, request) if request.request_id else b"",
            validate_only=getattr(request, "validate_only", False),
            deadline=call.deadline,
        )
    )


def fingerprint(path: str, request: Message) -> bytes:
    """What a request asks: under one request_id it must be the same every time."""
    hashed = _hash_of(path).copy()
    hashed.update(request.SerializeToString(deterministic=True))
    return hashed.digest()


@cache
def _hash_of(path: str) -> "hashlib.blake2b":
    return hashlib.blake2b(path.encode() + b"\0", digest_size=FINGERPRINT_BYTES)
