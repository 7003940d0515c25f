"""The program: its commands, and what it says when one fails."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from cartera.command_line import (
    agent,
    apply,
    audit,
    backup,
    database,
    explain,
    health,
    interaction,
    route,
    serve,
    token,
    top,
    version,
    watch,
)
from cartera.command_line.connection import (
    AddressOption,
    CaFileOption,
    CertificateFileOption,
    ConnectionOptions,
    KeyFileOption,
    RoleOption,
    SubjectOption,
    TenantOption,
    TlsOption,
    TokenFileOption,
)
from cartera.command_line.failure import EXPECTED, FAILURE, lines_of, status_of
from cartera.command_line.plain import plain

INTERRUPTED = 130


class Program(TyperGroup):
    """Ends with an exit status and, where something went wrong, with clear lines rather than a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        options |= {"standalone_mode": False}
        try:
            result = super().main(*arguments, **options)
        except EXPECTED as failure:
            complain(lines_of(failure))
            sys.exit(status_of(failure))
        except typer.Abort:
            sys.exit(INTERRUPTED)
        except Exception as fault:  # a fault of this program: the line is for its user, the rest for who mends it
            if os.environ.get("CARTERA_TRACEBACK"):
                raise
            complain([f"a fault of this program ({type(fault).__name__}: {fault}); CARTERA_TRACEBACK=1 shows where"])
            sys.exit(FAILURE)
        sys.exit(result if isinstance(result, int) else 0)


def complain(lines: list[str]) -> None:
    for number, line in enumerate(lines):
        print(plain(line if number else f"cartera: {line}"), file=sys.stderr)  # noqa: T201, the one place that does


application = typer.Typer(
    name="cartera",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@application.callback()
def options(
    context: typer.Context,
    *,
    address: AddressOption = None,
    tenant: TenantOption = None,
    role: RoleOption = None,
    subject: SubjectOption = None,
    token_file: TokenFileOption = None,
    tls: TlsOption = None,
    ca_file: CaFileOption = None,
    certificate_file: CertificateFileOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Cartera routes contacts to the right agent.

    The options of the connection may stand before the command or after it, or in the environment.

    **Examples**

    `cartera serve`

    `cartera apply -f examples/demo-tenant.yaml`

    `cartera --tenant demo route --campaign ventas-voz --contact +34600111222 --channel voice`
    """
    context.obj = ConnectionOptions(
        address, tenant, role, subject, token_file, tls, ca_file, certificate_file, key_file
    )


for commands in (serve, database, backup, health, apply, route, explain, audit, watch, top, version):
    commands.register(application)
application.add_typer(agent.application, name="agent")
application.add_typer(interaction.application, name="interaction")
application.add_typer(token.application, name="token")


def main() -> None:
    application(prog_name="cartera")
