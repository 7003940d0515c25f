"""The connection of a command to the service: its options, and the client that they make."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import grpc
import typer

from cartera.client import Client, RetryPolicy, Token, tls
from cartera.client.clients import DEFAULT_ADDRESS
from cartera.command_line.failure import USAGE, Failed
from cartera.command_line.language import language_of
from cartera.command_line.output import JsonOption, Output

PANEL = "Connection"


def _option(name: str, metavar: str | None, text: str) -> Any:
    variable = f"CARTERA_{name.replace('-', '_').upper()}"
    return typer.Option(f"--{name}", envvar=variable, metavar=metavar, help=text, rich_help_panel=PANEL)


AddressOption = Annotated[
    str | None, _option("address", "HOST:PORT", f"Where the service is. [default: {DEFAULT_ADDRESS}]")
]
TenantOption = Annotated[str | None, _option("tenant", "ID", "The tenant.")]
RoleOption = Annotated[
    str | None,
    _option("role", "ROLE", "Who calls: administrator, supervisor, agent or gateway. [default: administrator]"),
]
SubjectOption = Annotated[str | None, _option("subject", "ID", "The caller's own id, such as the agent's.")]
TokenFileOption = Annotated[
    Path | None,
    _option(
        "token-file",
        "FILE",
        "The token that proves who calls. It may stand in CARTERA_TOKEN instead, but not on the command line.",
    ),
]
TlsOption = Annotated[
    bool | None, _option("tls", None, "TLS, with a certificate of the service that this machine trusts.")
]
CaFileOption = Annotated[
    Path | None,
    _option("ca-file", "FILE", "TLS, with a certificate of the service from one of these authorities, in PEM."),
]
CertificateFileOption = Annotated[
    Path | None, _option("certificate-file", "FILE", "TLS, with a certificate that proves who calls, in PEM.")
]
KeyFileOption = Annotated[Path | None, _option("key-file", "FILE", "The key of that certificate, in PEM.")]

WhyOption = Annotated[str, typer.Option(metavar="TEXT", help="The reason, kept in the log: see cartera audit.")]


class ConnectionOptions(NamedTuple):
    address: str | None = None
    tenant: str | None = None
    role: str | None = None
    subject: str | None = None
    token_file: Path | None = None
    tls: bool | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def over(self, others: "ConnectionOptions") -> "ConnectionOptions":
        """These, and the others where nothing is said."""
        return ConnectionOptions._make(mine or theirs for mine, theirs in zip(self, others, strict=True))

    def client(self, tenant_id: str = "") -> Client:
        tenant = tenant_id or self.tenant
        if not tenant:
            raise Failed("which tenant? Say --tenant ID or set CARTERA_TENANT.", status=USAGE)
        return Client(
            self.address or DEFAULT_ADDRESS,
            tenant_id=tenant,
            role=self.role or "",
            subject=self.subject or "",
            token=self.token,
            credentials=self.credentials,
            language=language_of(os.environ),
            wait_for_ready=False,
            retry=RetryPolicy(attempts=1),
        )

    @property
    def token(self) -> Token:
        """What proves who calls: a file, so that a long watch sees it renewed. Empty: nothing does."""
        if self.token_file is None:
            return os.environ.get("CARTERA_TOKEN", "").strip()
        if not self.token_file.is_file():
            raise Failed(f"there is no token at {self.token_file}", status=USAGE)
        return self.token_file

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """TLS, where one of its options is given."""
        files = (self.ca_file, self.certificate_file, self.key_file)
        if not self.tls and not any(files):
            return None
        try:
            return tls(*files)
        except OSError as error:
            raise Failed(f"{error.filename} cannot be read: {error.strerror}", status=USAGE) from error
        except ValueError as error:
            raise Failed("--certificate-file and --key-file go together", status=USAGE) from error


class Connection(NamedTuple):
    """What a command is given: who it talks to, and how it answers."""

    options: ConnectionOptions
    output: Output

    def client(self, tenant_id: str = "") -> Client:
        return self.options.client(tenant_id)


ADDED = {
    "address": AddressOption,
    "tenant": TenantOption,
    "role": RoleOption,
    "subject": SubjectOption,
    "token_file": TokenFileOption,
    "tls": TlsOption,
    "ca_file": CaFileOption,
    "certificate_file": CertificateFileOption,
    "key_file": KeyFileOption,
}


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command, whose first parameter is a Connection, the options of one and --json."""

    def wrapped(context: typer.Context, *, as_json: bool, **given: Any) -> None:
        own = ConnectionOptions(*(given.pop(name) for name in ADDED))
        before = context.obj if isinstance(context.obj, ConnectionOptions) else ConnectionOptions()
        command(Connection(own.over(before), Output(as_json=as_json)), **given)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("context", inspect.Parameter.POSITIONAL_ONLY, annotation=typer.Context)]
    parameters += [each.replace(kind=keyword) for each in list(inspect.signature(command).parameters.values())[1:]]
    parameters += [inspect.Parameter(name, keyword, default=None, annotation=kind) for name, kind in ADDED.items()]
    parameters.append(inspect.Parameter("as_json", keyword, default=False, annotation=JsonOption))
    return described(wrapped, command, parameters)


def described(
    wrapped: Callable[..., None], command: Callable[..., None], parameters: list[inspect.Parameter]
) -> Callable[..., None]:
    """Typer reads name, text and parameters from a function; here they are put together."""
    wrapped.__name__ = command.__name__
    wrapped.__doc__ = command.__doc__
    wrapped.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # a function may have one
    return wrapped
