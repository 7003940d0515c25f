"""`cartera serve`."""

from typing import Annotated, Any

import typer

from cartera.command_line.settings import setting_failures, settings_of, variables


def register(application: typer.Typer) -> None:
    application.command("serve")(serve)


def show_settings(wanted: bool) -> None:
    if wanted:
        typer.echo("\n".join(variables()))
        raise typer.Exit


def serve(
    *,
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
    log_format: Annotated[str | None, typer.Option(help="console for people, json for machines.")] = None,
    log_level: Annotated[
        str | None, typer.Option(help="The least that is logged: debug, info, warning or error.")
    ] = None,
    settings: Annotated[  # noqa: ARG001, its callback does what there is to do
        bool,
        typer.Option("--settings", help="List all settings, and end.", callback=show_settings, is_eager=True),
    ] = False,
) -> None:
    """Run the service until SIGTERM or Ctrl-C, then drain.

    Without options: SQLite in the user's data directory, on loopback. Every option is a variable of the environment
    too, such as CARTERA_LISTEN; there are more of them, which --settings lists.

    **Examples**

    `cartera serve`

    `cartera serve --listen 127.0.0.1:7734 --database-url sqlite:///cartera.db`

    `CARTERA_DATABASE_URL=postgresql://cartera@database/cartera cartera serve --log-format json`
    """
    chosen = settings_of(
        listen=listen,
        database_url=database_url,
        insecure=insecure,
        log_format=log_format,
        log_level=log_level,
    )
    from cartera import bootstrap  # noqa: PLC0415, slow to import
    from cartera.observability import configure_logging  # noqa: PLC0415, slow to import

    configure_logging(chosen.log_format, chosen.log_level)
    with setting_failures():
        bootstrap.run(chosen, started=announce)


def announce(service: Any) -> None:
    """One line on stdout, for whoever started it with port 0; everything else is in the log, on stderr."""
    typer.echo(f"cartera serves at {service.address}")
