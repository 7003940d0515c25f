"""The connection of a command to the service: its options, and the client that they make."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer

from cartera.client import Client, RetryPolicy
from cartera.client.clients import DEFAULT_ADDRESS
from cartera.command_line.failure import USAGE, Failed
from cartera.command_line.output import JsonOption, Output

PANEL = "Connection"

AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        envvar="CARTERA_ADDRESS",
        metavar="HOST:PORT",
        help=f"Where the service is. [default: {DEFAULT_ADDRESS}]",
        rich_help_panel=PANEL,
    ),
]
TenantOption = Annotated[
    str | None,
    typer.Option("--tenant", envvar="CARTERA_TENANT", metavar="ID", help="The tenant.", rich_help_panel=PANEL),
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        envvar="CARTERA_ROLE",
        metavar="ROLE",
        help="Who calls: administrator, supervisor, agent or gateway. [default: administrator]",
        rich_help_panel=PANEL,
    ),
]
SubjectOption = Annotated[
    str | None,
    typer.Option(
        "--subject",
        envvar="CARTERA_SUBJECT",
        metavar="ID",
        help="The caller's own id, such as the agent's.",
        rich_help_panel=PANEL,
    ),
]


class ConnectionOptions(NamedTuple):
    address: str | None = None
    tenant: str | None = None
    role: str | None = None
    subject: str | None = None

    def over(self, others: "ConnectionOptions") -> "ConnectionOptions":
        """These, and the others where nothing is said."""
        return ConnectionOptions(*(mine or theirs for mine, theirs in zip(self, others, strict=True)))

    def client(self, tenant_id: str = "") -> Client:
        tenant = tenant_id or self.tenant
        if not tenant:
            raise Failed("which tenant? Say --tenant ID or set CARTERA_TENANT.", status=USAGE)
        return Client(
            self.address or DEFAULT_ADDRESS,
            tenant_id=tenant,
            role=self.role or "",
            subject=self.subject or "",
            wait_for_ready=False,
            retry=RetryPolicy(attempts=1),
        )


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
