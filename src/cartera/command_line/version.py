"""`cartera version`."""

import platform

import grpc
import typer

from cartera import __version__


def register(application: typer.Typer) -> None:
    application.command("version")(show_version)


def show_version() -> None:
    """Say which version this is."""
    typer.echo(f"cartera {__version__} (grpcio {grpc.__version__}, Python {platform.python_version()})")
