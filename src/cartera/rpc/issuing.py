"""Makes tokens, and keys to sign them with: for development and small set-ups. The service itself issues none."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from cartera.rpc.keys import KeysError, PublicKey, algorithm_of, keys_of_secrets

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


class Signer(NamedTuple):
    """A key to sign with. Its name stands in each token; a secret has none."""

    algorithm: str
    key: PrivateKey | bytes
    key_id: str = ""


def signer_of_secrets(content: bytes) -> Signer:
    """Signs with the first of the secrets.

    Raises:
        KeysError: a secret could be guessed.

    """
    first = next(iter(keys_of_secrets(content)))
    if not isinstance(first.key, bytes):
        raise TypeError("a secret is no bytes")
    return Signer(first.algorithm, first.key)


def signer_of_key(content: bytes) -> Signer:
    """Signs with a private key in PEM.

    Raises:
        KeysError: it is none that tokens can be signed with.

    """
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise KeysError("the key is encrypted; it must not be") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeysError("it is no private key in PEM") from None
    algorithm = algorithm_of(key.public_key())
    if algorithm is None or not isinstance(key, PrivateKey):
        raise KeysError("it is no key of RSA (2048 bits or more), P-256 or Ed25519")
    return Signer(algorithm, key, key_id_of(key.public_key()))


def issue(signer: Signer, claims: Mapping[str, Any]) -> str:
    """A token with the claims."""
    headers = {"kid": signer.key_id} if signer.key_id else None
    return jwt.encode(dict(claims), signer.key, signer.algorithm, headers)


def new_private_key() -> bytes:
    """A private key for ES256, in PEM."""
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def entry_of(signer: Signer) -> dict[str, Any]:
    """The public half of a signer's key, as it stands in a JSON Web Key Set."""
    if isinstance(signer.key, bytes):
        raise TypeError("a secret has no public half")
    key = signer.key.public_key()
    return {**_members(key), "kid": signer.key_id, "alg": signer.algorithm, "use": "sig"}


def key_id_of(key: PublicKey) -> str:
    """The thumbprint of a key (RFC 7638): the same wherever it is made."""
    members = {name: value for name, value in _members(key).items() if name in _THAT_COUNT}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


_THAT_COUNT = frozenset({"crv", "e", "kty", "n", "x", "y"})


def _members(key: PublicKey) -> dict[str, Any]:
    match key:
        case RSAPublicKey():
            return RSAAlgorithm.to_jwk(key, as_dict=True)
        case EllipticCurvePublicKey():
            return ECAlgorithm.to_jwk(key, as_dict=True)
    return OKPAlgorithm.to_jwk(key, as_dict=True)
