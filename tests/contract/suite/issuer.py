"""An issuer of tokens for the contract suite: good ones, and others."""

import time

import jwt

SECRET = "what only the servers and the issuer of the suite know"
ISSUER = "https://issuer.example"
AUDIENCE = "cartera"
HOUR = 3600

_CALLERS = {
    "administrator_token": {"role": "administrator", "sub": "root"},
    "supervisor_token": {"role": "supervisor", "sub": "sofia"},
    "agent_token": {"role": "agent", "sub": "ana"},
    "gateway_token": {"role": "gateway", "sub": "voice-1"},
}


def tokens(tenant_id: str) -> dict[str, str]:
    """A token for each role in a tenant, and what isn't good for it, by the names of variables."""
    administrator = _CALLERS["administrator_token"]
    good = {name: _signed(tenant_id, **caller) for name, caller in _CALLERS.items()}
    return good | {
        "neighbours_token": _signed("neighbour", **administrator),
        "expired_token": _signed(tenant_id, lasts=-HOUR, **administrator),
        "forged_token": _signed(tenant_id, secret=SECRET.upper(), **administrator),
    }


def _signed(tenant_id: str, *, lasts: int = HOUR, secret: str = SECRET, **claims: str) -> str:
    times = {"exp": int(time.time()) + lasts}
    return jwt.encode({"tenant": tenant_id, "aud": AUDIENCE, "iss": ISSUER, **times, **claims}, secret, "HS256")
