"""`cartera serve`."""

from typing import Annotated

import typer

from cartera.observability import LogFormat, LogLevel, configure_logging
from cartera.settings import PREFIX, Settings, load_settings

SETTINGS = "\n\n".join(f"`{PREFIX}{name.upper()}` {field.description}" for name, field in Settings.model_fields.items())


def register(application: typer.Typer) -> None:
    application.command("serve", epilog=f"**Settings in the environment**\n\n{SETTINGS}")(serve)


def serve(
    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where to listen; port 0 is any that is free."),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/DATABASE."),
    ] = None,
    insecure: Annotated[
        bool | None,
        typer.Option("--insecure", help="Listen beyond loopback without TLS and authentication."),
    ] = None,
    log_format: Annotated[LogFormat | None, typer.Option(help="console for people, json for machines.")] = None,
    log_level: Annotated[LogLevel | None, typer.Option(help="The least that is logged.")] = None,
) -> None:
    """Run the service until SIGTERM or Ctrl-C, then drain.

    Without options: SQLite in the user's data directory, on loopback.

    **Examples**

    `cartera serve`

    `cartera serve --listen 127.0.0.1:7734 --database-url sqlite:///cartera.db`

    `CARTERA_DATABASE_URL=postgresql://cartera@database/cartera cartera serve --log-format json`
    """
    from cartera import bootstrap  # noqa: PLC0415, the service is slow to import and the other commands don't need it

    settings = load_settings(
        listen=listen,
        database_url=database_url,
        insecure=insecure,
        log_format=log_format,
        log_level=log_level,
    )
    configure_logging(settings.log_format, settings.log_level)
    bootstrap.run(settings, started=announce)


def announce(service: "object") -> None:
    """One line on stdout, for whoever started it with port 0; everything else is in the log, on stderr."""
    typer.echo(f"cartera serves at {getattr(service, 'address', '')}")
