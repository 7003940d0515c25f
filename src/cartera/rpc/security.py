"""Who gets in: what proves a caller, what secures its connection, and the files and keys of both, kept up to date."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from pydantic import SecretStr

from cartera.rpc.certificates import Certificates, callers_of_document
from cartera.rpc.claims import unknown
from cartera.rpc.identity import Identify, Identity, Metadata, Peer, claimed_identity
from cartera.rpc.key_sources import FetchedKeys, Keys, KeySource
from cartera.rpc.keys import KeySet, keys_of_document, keys_of_secrets
from cartera.rpc.tls import ServerTls
from cartera.rpc.tokens import TokenRules, Tokens, bearer_token
from cartera.rpc.watched import FileError, WatchedFiles


class TokenKeys(NamedTuple):
    """Where the keys of tokens are, as far as there are any."""

    url: str | None = None
    file: Path | None = None
    secret_file: Path | None = None
    secret: SecretStr | None = None
    every: float = 300.0
    """The seconds between two looks at the URL."""


class SecurityOptions(NamedTuple):
    """What proves a caller, and what secures its connection. Nothing does where nothing is said."""

    token_keys: TokenKeys = TokenKeys()
    token_rules: TokenRules = TokenRules(audience="cartera")
    callers: Path | None = None
    """The file of callers with certificates."""
    certificate: Path | None = None
    key: Path | None = None
    client_authorities: Path | None = None
    look_seconds: float = 5.0
    """Between two looks at the files."""


class Security:
    """Reads the files, and reads them anew while the service runs."""

    def __init__(self, options: SecurityOptions, now: Callable[[], float]) -> None:
        """Read the files.

        Raises:
            FileError: one of them can't be used.

        """
        self.now = now
        self._options = options
        self._files: list[WatchedFiles[Any]] = []
        self._fetched: FetchedKeys | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._tls = self._read_tls()
        self.identify = self._read_identify()

    @property
    def is_ready(self) -> bool:
        """Whether there is something to verify tokens with."""
        return self._fetched is None or bool(self._fetched.value)

    def credentials(self, *, of_clients_too: bool) -> grpc.ServerCredentials | None:
        """The credentials of an address. None: what is said there can be read on the way."""
        return None if self._tls is None else self._tls.credentials(of_clients_too=of_clients_too)

    async def start(self) -> None:
        """Fetch the keys, and keep up with what changes from now on."""
        if self._fetched is not None:
            await self._fetched.fetch()
            self._tasks.append(asyncio.create_task(self._fetched.follow()))
        self._tasks.append(asyncio.create_task(self._follow_files()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def look(self) -> None:
        """Read anew the files that have changed. It blocks, as files do."""
        for files in self._files:
            files.look()

    async def _follow_files(self) -> None:
        while self._files:
            await asyncio.sleep(self._options.look_seconds)
            await asyncio.to_thread(self.look)

    def _read_tls(self) -> ServerTls | None:
        options = self._options
        if options.certificate is None or options.key is None:
            return None
        tls = ServerTls(options.certificate, options.key, options.client_authorities)
        self._files.append(tls.files)
        return tls

    def _read_identify(self) -> Identify:
        tokens = self._read_tokens()
        certificates = self._read_certificates()
        return Authentication(tokens, certificates).identify if tokens or certificates else claimed_identity

    def _read_tokens(self) -> Tokens | None:
        where, sources = self._options.token_keys, list[KeySource]()
        if where.secret_file is not None:
            sources.append(self._watched(where.secret_file, keys_of_secrets))
        if where.secret is not None:
            sources.append(Unchanging(_keys_of_secret(where.secret)))
        if where.file is not None:
            sources.append(self._watched(where.file, keys_of_document))
        if where.url is not None:
            self._fetched = FetchedKeys(where.url, where.every)
        if not sources and self._fetched is None:
            return None
        return Tokens(Keys(*sources, fetched=self._fetched), self._options.token_rules, self.now)

    def _read_certificates(self) -> Certificates | None:
        path = self._options.callers
        return None if path is None else Certificates(self._watched(path, callers_of_document), self.now)

    def _watched(self, path: Path, read: Callable[[bytes], Any]) -> WatchedFiles[Any]:
        files = WatchedFiles((path,), lambda contents: read(contents[0]))
        self._files.append(files)
        return files


class Authentication:
    """Tells who calls by what proves it: a token or, where there is none, the certificate of the connection."""

    def __init__(self, tokens: Tokens | None, certificates: Certificates | None) -> None:
        self._tokens = tokens
        self._certificates = certificates

    def identify(self, metadata: Metadata, peer: Peer) -> Identity:
        """Who calls.

        A token that is no good is not made up for by a certificate: whoever sends one wants to be told by it.

        Raises:
            Rejected: nothing proves it.

        """
        token = bearer_token(metadata)
        if token is not None:
            if self._tokens is None:
                raise unknown("tokens are not taken here, only certificates")
            return self._tokens.identify(token)
        if self._certificates is None:
            raise unknown("there is no token")
        return self._certificates.identify(peer())


class Unchanging:
    """Keys that stay what they are."""

    def __init__(self, value: KeySet) -> None:
        self.value = value


def _keys_of_secret(secret: SecretStr) -> KeySet:
    try:
        return keys_of_secrets(secret.get_secret_value().encode())
    except ValueError as error:
        raise FileError(f"the secret of tokens: {error}") from None
