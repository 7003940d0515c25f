"""Clients' certificates: a file says which certificate is which caller.

That a certificate is genuine was checked when the connection was made, by TLS.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import yaml
from cryptography.x509 import (
    DNSName,
    ExtensionNotFound,
    NameOID,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    load_pem_x509_certificate,
)

from cartera.core.caller import Caller
from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason
from cartera.rpc.claims import ClaimNames, caller_of, unknown
from cartera.rpc.identity import Identity

_PEM = "x509_pem_cert"
"""Under which gRPC tells the certificate that it has verified."""

_CLAIMS = ClaimNames(subject="subject")
_KINDS = ("uri", "dns", "common_name")
_FIELDS = frozenset((*_KINDS, *_CLAIMS))


class Name(NamedTuple):
    """A name that a certificate has."""

    kind: str
    value: str


Callers = Mapping[Name, Caller]


class Certificate(NamedTuple):
    """What counts of a certificate."""

    names: tuple[Name, ...]
    valid_until: float


class CallersSource(Protocol):
    """The callers that have certificates, who may be others a moment later."""

    value: Callers


class Certificates:
    """Tells callers by their certificates."""

    def __init__(self, callers: CallersSource, now: Callable[[], float]) -> None:
        self._callers = callers
        self._now = now

    def identify(self, peer: Mapping[str, Iterable[bytes]]) -> Identity:
        """Who the certificate of a connection says that calls.

        Raises:
            Rejected: nobody, or not any more, or it isn't clear who.

        """
        pem = next(iter(peer.get(_PEM, ())), None)
        if pem is None:
            raise unknown("there is neither a token nor a certificate")
        certificate = certificate_of(pem)
        if self._now() >= certificate.valid_until:  # a connection may outlive it
            raise reject(ErrorReason.TOKEN_EXPIRED, "caller")
        callers = self._callers.value
        found = {callers[name] for name in certificate.names if name in callers}
        if len(found) != 1:
            raise unknown("the certificate is more than one caller's" if found else "the certificate is nobody's")
        return Identity(found.pop(), certificate.valid_until)


@lru_cache(maxsize=1024)
def certificate_of(pem: bytes) -> Certificate:
    """The names of a certificate, and its end."""
    certificate = load_pem_x509_certificate(pem)
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [Name("common_name", str(each.value)) for each in common]
    try:
        other = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        pass
    else:
        names += [Name("uri", each) for each in other.get_values_for_type(UniformResourceIdentifier)]
        names += [Name("dns", each) for each in other.get_values_for_type(DNSName)]
    return Certificate(tuple(names), certificate.not_valid_after_utc.timestamp())


def callers_of_document(content: bytes) -> Callers:
    """The callers that a file of them names.

    Raises:
        ValueError: it isn't as it must be; its text says where, in one line.

    """
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ValueError("it is no YAML") from None
    entries = document.get("callers") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("it must have a list of callers")  # noqa: TRY004 - a fault in a file is a value that is wrong
    callers: dict[Name, Caller] = {}
    for name, caller in _entries(entries):
        if name in callers:
            raise ValueError(f"{name.kind} {name.value} is named twice")
        callers[name] = caller
    return callers


def _entries(entries: list[Any]) -> Iterator[tuple[Name, Caller]]:
    for number, entry in enumerate(entries):
        try:
            yield _name_of(entry), caller_of(entry, _CLAIMS)
        except Rejected as refused:
            raise ValueError(f"callers[{number}]: {refused.violations[0].data['problem']}") from None
        except ValueError as error:
            raise ValueError(f"callers[{number}]: {error}") from None


def _name_of(entry: Any) -> Name:
    if not isinstance(entry, dict):
        raise ValueError("it is no caller")  # noqa: TRY004 - as above
    beyond = {str(key) for key in entry} - _FIELDS
    if beyond:
        raise ValueError(f"there is no {min(beyond)}")
    names = [Name(kind, entry[kind]) for kind in _KINDS if kind in entry]
    if len(names) != 1 or not isinstance(names[0].value, str) or not names[0].value:
        raise ValueError(f"it must have one of {', '.join(_KINDS)}")
    return names[0]
