"""The keys that tokens are verified with, each for the algorithms that fit it and no others.

A public key is public: were it taken for the secret of HS256, anybody could sign. So what a key may verify is decided
by the key, when it is read, and never by the token.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

LEAST_SECRET_BYTES = 32
LEAST_RSA_BITS = 2048
_MOST_KEYS = 100


class KeysError(ValueError):
    """Keys cannot be used. Its text is one line, for people, and shows nothing of them."""


class Key(NamedTuple):
    """A key, and the one algorithm that it verifies."""

    algorithm: str
    key: PublicKey | bytes
    key_id: str = ""


class KeySet:
    """All keys of a source, as they are at one time."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = tuple(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def fitting(self, algorithm: str, key_id: str | None) -> tuple[Key, ...]:
        """The keys that a token may be signed with. A token that names none may be signed with any."""
        of_kind = tuple(each for each in self._keys if each.algorithm == algorithm)
        # A secret is known by its bytes alone.
        return of_kind if key_id is None else tuple(each for each in of_kind if each.key_id in ("", key_id))


def keys_of_secrets(content: bytes) -> KeySet:
    """The keys of a file of secrets: one a line, the first for signing, each for verifying.

    Raises:
        KeysError: a secret could be guessed.

    """
    secrets = [line.strip() for line in content.splitlines() if line.strip()]
    if not secrets:
        raise KeysError("there is no secret in it")
    if any(len(secret) < LEAST_SECRET_BYTES for secret in secrets):
        raise KeysError(f"a secret is shorter than {LEAST_SECRET_BYTES} bytes")
    return KeySet(Key("HS256", secret) for secret in secrets)


def keys_of_document(content: bytes) -> KeySet:
    """The keys of a JSON Web Key Set. Keys that are for something else are left out, as RFC 7517 wants it.

    Raises:
        KeysError: it is none, or has nothing that a token could be verified with.

    """
    try:
        listed = json.loads(content)["keys"]
        keys = KeySet(key for entry in listed[:_MOST_KEYS] for key in _keys_of_entry(entry))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise KeysError("it is no JSON Web Key Set") from None
    if not keys:
        raise KeysError("it has no key that tokens can be verified with")
    return keys


def _keys_of_entry(entry: Mapping[str, Any]) -> Iterable[Key]:
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        return
    try:
        key = jwt.PyJWK(dict(entry), algorithm=_algorithm_of_entry(entry)).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return
    algorithm = algorithm_of(key)
    if algorithm is not None and entry.get("alg", algorithm) == algorithm:
        yield Key(algorithm, key, str(entry.get("kid", "")))


def _algorithm_of_entry(entry: Mapping[str, Any]) -> str | None:
    return {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}.get(str(entry.get("kty")))


def algorithm_of(key: object) -> str | None:
    """The algorithm that a public key is for. None: it is too weak, or of a kind that is not taken, such as a
    secret and the private half of a pair: whoever may read the set could sign.
    """
    match key:
        case RSAPublicKey() if key.key_size >= LEAST_RSA_BITS:
            return "RS256"
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return "ES256"
        case Ed25519PublicKey():
            return "EdDSA"
    return None
