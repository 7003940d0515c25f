"""Tokens for fuzzing: with a secret that is known, so that what stands behind a good signature is reached too."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from cartera.rpc.key_sources import Keys
from cartera.rpc.keys import Key, KeySet
from cartera.rpc.tokens import TokenRules, Tokens

SECRET = b"a secret for nobody but the fuzzer, and long enough"
LEEWAY = 30.0
HEADER = b'{"alg":"HS256","typ":"JWT"}'
CLAIMS = {"aud": "cartera", "exp": 2**33, "tenant": "acme", "role": "agent", "sub": "ana"}


class Source:
    value = KeySet([Key("HS256", SECRET)])


TOKENS = Tokens(Keys(Source()), TokenRules("cartera", leeway=LEEWAY), time.time)


def signed(data: bytes) -> Iterator[str]:
    """Tokens whose claims, whose header, or one of whose claims is what is given."""
    yield token(HEADER, data)
    yield token(data, json.dumps(CLAIMS).encode())
    name, _, value = data.partition(b"=")
    try:
        claims = CLAIMS | {name.decode(): json.loads(value)}
    except (ValueError, RecursionError):
        return
    yield token(HEADER, json.dumps(claims).encode())


def token(header: bytes, claims: bytes) -> str:
    signed_part = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (header, claims))
    signature = hmac.digest(SECRET, signed_part, hashlib.sha256)
    return (signed_part + b"." + urlsafe_b64encode(signature).rstrip(b"=")).decode()
