"""Bearer tokens: signed claims of who calls (RFC 7519), verified once and then known until they expire."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jwt
from jwt.types import Options

from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.algorithms import ALGORITHMS
from cartera.rpc.claims import ClaimNames, caller_of, unknown
from cartera.rpc.identity import Identity, Metadata
from cartera.rpc.key_sources import Keys
from cartera.rpc.keys import Key

AUTHORIZATION_KEY = "authorization"
_SCHEME = "bearer"
_LONGEST_TOKEN = 8192
_KNOWN_TOKENS = 10_000

# PyJWT looks at the machine's clock, which nobody can pass in, and takes a NaN for a time that never comes.
_TIMES_ARE_OURS: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "aud"]}


class TokenRules(NamedTuple):
    """What a token must be like."""

    audience: str
    issuer: str | None = None
    """None: any that has a key."""
    algorithms: frozenset[str] = frozenset(ALGORITHMS)
    leeway: float = 30.0
    """The seconds by which the issuer's clock may differ."""
    names: ClaimNames = ClaimNames()


class Tokens:
    """Verifies tokens. One that was found good is known by its text until it expires, or the keys change."""

    def __init__(self, keys: Keys, rules: TokenRules, now: Callable[[], float]) -> None:
        self._keys = keys
        self._rules = rules
        self._now = now
        self._known: dict[str, Identity] = {}
        self._known_by = keys.current

    def identify(self, token: str) -> Identity:
        """Who the token says that calls.

        Raises:
            Rejected: it is not good, or not any more, or the key for it has still to be fetched.

        """
        now = self._now()
        if self._known_by is not self._keys.current:  # a key may have been withdrawn
            self._known, self._known_by = {}, self._keys.current
        identity = self._known.get(token)
        if identity is None:
            identity = self._verified(token, now)
            self._remember(token, identity)
        elif now >= identity.valid_until:
            del self._known[token]
            raise _expired()
        return identity

    def _remember(self, token: str, identity: Identity) -> None:
        if len(self._known) >= _KNOWN_TOKENS:
            del self._known[next(iter(self._known))]  # the one that was verified first
        self._known[token] = identity

    def _verified(self, token: str, now: float) -> Identity:
        claims = self._claims(token)
        rules = self._rules
        expires = _time(claims, "exp") + rules.leeway
        if now >= expires:
            raise _expired()
        if "nbf" in claims and now + rules.leeway < _time(claims, "nbf"):
            raise unknown("the token is not valid yet")
        if "iat" in claims and now + rules.leeway < _time(claims, "iat"):
            raise unknown("the token was issued in the future")
        return Identity(caller_of(claims, rules.names), expires)

    def _claims(self, token: str) -> Mapping[str, Any]:
        if len(token) > _LONGEST_TOKEN:
            raise unknown("the token is too long")
        algorithm, key_id = self._signature_of(token)
        for key in self._keys.fitting(algorithm, key_id):
            claims = self._signed(token, key)
            if claims is not None:
                return claims
        raise unknown("the token's signature is wrong")

    def _signature_of(self, token: str) -> tuple[str, str | None]:
        """The algorithm and the id of the key that a token says it is signed with."""
        try:
            header = jwt.get_unverified_header(token)
        except Exception:  # noqa: BLE001 - the parsers see what anybody may send, nested as deep as they like
            raise _malformed() from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._rules.algorithms:
            raise unknown("the token's algorithm is not one of those that are taken")
        return algorithm, key_id

    def _signed(self, token: str, key: Key) -> Mapping[str, Any] | None:
        """The claims, where this key has signed them, and they are for us."""
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                options=_TIMES_ARE_OURS,
            )
        except jwt.InvalidSignatureError:
            return None
        except Exception as error:  # noqa: BLE001 - as above; what it says may quote the token
            raise _refusal_of(error) from None


def bearer_token(metadata: Metadata) -> str | None:
    """The token of a call. None: it has none.

    Raises:
        Rejected: it has two, or something else in the token's place.

    """
    given = [value for key, value in metadata if key == AUTHORIZATION_KEY]
    if not given:
        return None
    if len(given) > 1:
        raise unknown(f"{AUTHORIZATION_KEY} is given twice")
    scheme, _, token = str(given[0]).partition(" ")
    if scheme.lower() != _SCHEME or not token:
        raise unknown(f"{AUTHORIZATION_KEY} is no bearer token")
    return token.strip()


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise unknown(f"the claim {name} is no time")
    return value


def _expired() -> Rejected:
    return reject(ErrorReason.TOKEN_EXPIRED, "caller")


def _malformed() -> Rejected:
    return unknown("the token is no JSON Web Token")


def _refusal_of(error: Exception) -> Rejected:
    match error:
        case jwt.MissingRequiredClaimError():
            return unknown(f"the claim {error.claim} is missing")
        case jwt.InvalidAudienceError():
            return unknown("the token is for another audience")
        case jwt.InvalidIssuerError():
            return unknown("the token is of another issuer")
    return _malformed()
