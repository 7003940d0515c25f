"""`cartera apply`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cartera.client import CarteraError
from cartera.command_line.connection import Connection, WhyOption, connected
from cartera.command_line.declaration import ROOT, Declaration, Mistake, Mistakes, read_declaration
from cartera.command_line.failure import Failed
from cartera.command_line.output import console
from cartera.command_line.words import word
from cartera.routing.v1.configuration_service_pb2 import (
    ApplyConfigurationResponse,
    ConfigurationAction,
    ConfigurationChange,
)

STANDARD_INPUT = "-"


def register(application: typer.Typer) -> None:
    application.command("apply")(connected(apply))


def apply(
    connection: Connection,
    file: Annotated[str, typer.Option("--file", "-f", metavar="FILE", help="The declaration; - is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")] = False,
    why: WhyOption = "",
) -> None:
    """Make a tenant's configuration what a YAML file declares.

    Creates and updates what differs, the tenant itself too, all at once or not at all; deletes nothing. A second time
    changes nothing. What is wrong is named in one go, with its line.

    **Examples**

    `cartera apply -f examples/demo-tenant.yaml --dry-run`

    `cartera apply -f examples/demo-tenant.yaml`
    """
    name = "standard input" if file == STANDARD_INPUT else file
    try:
        declaration = read_declaration(text_of(file))
    except Mistakes as found:
        raise Failed(*listed(name, found.mistakes)) from found
    try:
        answer = sent(connection, declaration, dry_run=dry_run, why=why)
    except CarteraError as error:
        mistakes = found_by_the_service(declaration, error)
        if not mistakes:
            raise
        raise Failed(*listed(name, mistakes, int(error.metadata.get("violations_left_out", 0)))) from error
    connection.output.message(answer, *summary(answer, dry_run))


def text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Failed(f"{file} is not UTF-8") from error


def sent(connection: Connection, declaration: Declaration, *, dry_run: bool, why: str) -> ApplyConfigurationResponse:
    given = connection.options.tenant
    if given and declaration.tenant_id and given != declaration.tenant_id:
        raise Failed(f"the file is for tenant {declaration.tenant_id}, --tenant or CARTERA_TENANT says {given}")
    with connection.client(declaration.tenant_id) as client, console(stderr=True).status("Applying"):
        return client.configuration.ApplyConfiguration(
            configuration=declaration.configuration, validate_only=dry_run, why=why
        )


def found_by_the_service(declaration: Declaration, error: CarteraError) -> list[Mistake]:
    """What the service finds wrong with the declaration: fields, and conditions that do not hold for a field."""
    found = [(each.field, each.description) for each in error.field_violations]
    found += [(each.subject, each.description) for each in error.violations if each.subject.startswith(f"{ROOT}.")]
    return sorted(declaration.mistake(field, problem) for field, problem in found)


def listed(name: str, mistakes: list[Mistake], left_out: int = 0) -> list[str]:
    """A line for each mistake. More than an error can carry are left out of it, and counted only."""
    if len(mistakes) + left_out == 1:
        return [f"{name}: {mistakes[0]}"]
    lines = [f"{name}: {len(mistakes) + left_out} mistakes", *(f"  {each}" for each in mistakes)]
    return [*lines, f"  and {left_out} more"] if left_out else lines


def summary(answer: ApplyConfigurationResponse, dry_run: bool) -> list[str]:
    if not answer.changes:
        return ["nothing differs"]
    counts = f"{len(answer.changes)} {'change' if len(answer.changes) == 1 else 'changes'}"
    last = f"{counts} would be made" if dry_run else f"{counts} made, revision {answer.revision}"
    return [*map(described, answer.changes), last]


def described(change: ConfigurationChange) -> str:
    action = word(ConfigurationAction.DESCRIPTOR, change.action)
    fields = f" ({', '.join(change.changed_fields)})" if change.changed_fields else ""
    return f"{action:8} {change.resource_type} {change.resource_id}{fields}".rstrip()
