"""`cartera token`: tokens for development, and keys to sign them with."""

import json
import os
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cartera.command_line.failure import USAGE, Failed

if TYPE_CHECKING:
    from cartera.rpc.issuing import Signer

PRIVATE = 0o600

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})([smhd])")

application = typer.Typer(invoke_without_command=True)


@application.callback()
def make_token(
    context: typer.Context,
    *,
    tenant: Annotated[str, typer.Option(metavar="ID", envvar="CARTERA_TENANT", help="The tenant.")] = "",
    role: Annotated[str, typer.Option(help="administrator, supervisor, agent or gateway.")] = "",
    subject: Annotated[str, typer.Option(metavar="ID", help="The caller's own id; an agent's is its agent id.")] = "",
    workgroup: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Of a supervisor: one that it manages; more than one may be.")
    ] = None,
    campaign: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Of a gateway: one that it serves; more than one may be.")
    ] = None,
    expires: Annotated[str, typer.Option(metavar="TIME", help="In which time it expires: 30m, 8h, 7d.")] = "1h",
    secret_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", envvar="CARTERA_TOKEN_SECRET_FILE", help="The secret that the service knows, too."
        ),
    ] = None,
    signing_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A private key, in PEM, whose public half the service knows.")
    ] = None,
    issuer: Annotated[str, typer.Option(envvar="CARTERA_TOKEN_ISSUER", help="Who issues it.")] = "",
    audience: Annotated[str, typer.Option(envvar="CARTERA_TOKEN_AUDIENCE", help="For whom it is.")] = "cartera",
    claims_prefix: Annotated[
        str, typer.Option(envvar="CARTERA_TOKEN_CLAIMS_PREFIX", help="Before the names of the claims.")
    ] = "",
) -> None:
    """Make a token for development; in production your identity provider makes them.

    It is signed by the secret or the key, as the service's settings have it, and printed.

    **Examples**

    `cartera token --tenant acme --role agent --subject ana --secret-file secret`

    `cartera token --tenant acme --role supervisor --subject sofia --workgroup vip --expires 8h --signing-key key.pem`
    """
    if context.invoked_subcommand is not None:
        return
    from cartera.rpc.claims import ClaimNames  # noqa: PLC0415, slow to import
    from cartera.rpc.issuing import issue  # noqa: PLC0415, slow to import

    names = ClaimNames.prefixed(claims_prefix)
    claims = dict(zip(names, (tenant, role, subject, workgroup, campaign), strict=True))
    given = {name: value for name, value in claims.items() if value}
    require_caller(given, names)
    signer = signer_of(secret_file, signing_key)
    typer.echo(issue(signer, given | standing(issuer, audience, duration_of(expires))))


@application.command("keys")
def make_keys(
    signing_key: Annotated[Path, typer.Option(metavar="FILE", help="Where to put the private key; nothing is there.")],
    keys: Annotated[
        Path, typer.Option(metavar="FILE", help="The JSON Web Key Set to add the public half to, made where needed.")
    ],
) -> None:
    """Make a key to sign tokens with, and add its public half to a set that the service reads.

    What was in the set stays: tokens of the old key count until you take it out.

    **Example**

    `cartera token keys --signing-key key.pem --keys keys.json`
    """
    from cartera.rpc.issuing import entry_of, new_private_key, signer_of_key  # noqa: PLC0415, slow to import

    content = new_private_key()
    signer = signer_of_key(content)
    entries = [*entries_of(keys), entry_of(signer)]
    write_new(signing_key, content)
    replace(keys, json.dumps({"keys": entries}, indent=2) + "\n")
    typer.echo(signer.key_id)


def require_caller(claims: dict[str, Any], names: Any) -> None:
    """Refuse what the service would refuse."""
    from cartera.core.rejection import Rejected  # noqa: PLC0415, slow to import
    from cartera.rpc.claims import caller_of  # noqa: PLC0415, slow to import

    try:
        caller_of(claims, names)
    except Rejected as refused:
        raise Failed(refused.violations[0].data["problem"], status=USAGE) from refused


def signer_of(secret_file: Path | None, signing_key: Path | None) -> "Signer":
    from cartera.rpc.issuing import signer_of_key, signer_of_secrets  # noqa: PLC0415, slow to import
    from cartera.rpc.keys import KeysError  # noqa: PLC0415, slow to import

    try:
        if signing_key is not None:
            return signer_of_key(signing_key.read_bytes())
        if secret_file is not None:
            return signer_of_secrets(secret_file.read_bytes())
        secret = os.environ.get("CARTERA_TOKEN_SECRET", "")
        if secret:
            return signer_of_secrets(secret.encode())
    except OSError as error:
        raise Failed(f"{error.filename} cannot be read: {error.strerror}") from error
    except KeysError as error:
        raise Failed(f"{signing_key or secret_file or 'CARTERA_TOKEN_SECRET'}: {error}") from error
    raise Failed("signed with what? Say --secret-file FILE or --signing-key FILE.", status=USAGE)


def standing(issuer: str, audience: str, lifetime: timedelta) -> dict[str, Any]:
    """The claims of every token."""
    now = int(time.time())
    claims = {"aud": audience, "iat": now, "exp": now + int(lifetime.total_seconds())}
    return claims | ({"iss": issuer} if issuer else {})


def duration_of(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Failed(f"--expires {text}: it must be like 30m, 8h or 7d", status=USAGE)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def entries_of(keys: Path) -> list[Any]:
    """What is in the set already."""
    if not keys.exists():
        return []
    try:
        return list(json.loads(keys.read_bytes())["keys"])
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"{keys} is no JSON Web Key Set") from error


def write_new(path: Path, content: bytes) -> None:
    """Readable by nobody else from the first moment on; a key that is there is not lost."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            file.write(content)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from error


def replace(path: Path, text: str) -> None:
    """At once: whoever reads it meanwhile has the old one or the new one."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
