"""What a client shows of itself: its token, and the certificates of its connection."""

from collections.abc import Callable
from pathlib import Path

import grpc

Token = str | Path | Callable[[], str]
"""A token; or the file that it is in, which is read for each call; or what is asked for it before each call."""


def tls(
    ca_file: Path | str | None = None,
    certificate_file: Path | str | None = None,
    key_file: Path | str | None = None,
) -> grpc.ChannelCredentials:
    """The credentials of a TLS connection, from files in PEM.

    The service's certificate must come from one of those in `ca_file`; without it, from one that this machine trusts.
    With `certificate_file` and `key_file` the client proves who it is by a certificate of its own.
    """
    if (certificate_file is None) != (key_file is None):
        raise ValueError("certificate_file and key_file go together")
    return grpc.ssl_channel_credentials(_content(ca_file), _content(key_file), _content(certificate_file))


def renews(token: Token) -> bool:
    """Whether there may be another token a moment later."""
    return not isinstance(token, str)


def text_of(token: Token) -> str:
    """The token as it is now."""
    if isinstance(token, str):
        return token
    return token.read_text("utf-8").strip() if isinstance(token, Path) else token()


def _content(file: Path | str | None) -> bytes | None:
    return None if file is None else Path(file).read_bytes()
