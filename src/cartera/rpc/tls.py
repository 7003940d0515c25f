"""TLS: the certificate that the service shows, and those that clients must show. gRPC speaks TLS 1.2 and later only."""

from datetime import UTC, datetime
from pathlib import Path

import grpc
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates

from cartera.rpc.watched import Contents, WatchedFiles

log = structlog.get_logger()


class ServerTls:
    """The certificate of the service with its key, and the authorities whose clients it believes, from files."""

    def __init__(self, certificate: Path, key: Path, client_authorities: Path | None = None) -> None:
        """Read the files.

        Raises:
            FileError: they can't be used.

        """
        paths = (certificate, key) if client_authorities is None else (certificate, key, client_authorities)
        self.files = WatchedFiles(paths, _configuration)

    def credentials(self, *, of_clients_too: bool) -> grpc.ServerCredentials:
        """For one address: with the files as they are at each connection, which clients may have to prove too."""
        changes = _Changes(self.files)
        return grpc.dynamic_ssl_server_credentials(changes.last, changes.next, of_clients_too)  # type: ignore[arg-type]  # None: no change


class _Changes:
    """Tells gRPC, which asks at every handshake, only what it doesn't know: it parses the key again each time."""

    def __init__(self, files: WatchedFiles[grpc.ServerCertificateConfiguration]) -> None:
        self._files = files
        self.last = files.value

    def next(self) -> grpc.ServerCertificateConfiguration | None:
        if self.last is self._files.value:
            return None
        self.last = self._files.value
        return self.last


def _configuration(contents: Contents) -> grpc.ServerCertificateConfiguration:
    chain, key, *authorities = contents
    certificate = _certificates(chain, "the certificate")[0]
    _require_pair(certificate, key)
    for each in authorities:
        _certificates(each, "the clients' authority")
    _tell_end(certificate.not_valid_after_utc)
    return grpc.ssl_server_certificate_configuration([(key, chain)], authorities[0] if authorities else None)


def _certificates(content: bytes, what: str) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(content)
    except ValueError:
        raise ValueError(f"{what} is no certificate in PEM") from None


def _require_pair(certificate: Certificate, content: bytes) -> None:
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise ValueError("the key is encrypted; it must not be") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("the key is no private key in PEM") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise ValueError("the key is not that of the certificate")


def _tell_end(valid_until: datetime) -> None:
    if valid_until <= datetime.now(UTC):
        log.warning("the service's certificate has expired", valid_until=valid_until.isoformat())
    else:
        log.info("the service's certificate was read", valid_until=valid_until.isoformat())
