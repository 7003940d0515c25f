"""Failures, as lines that a person can act on."""

from collections.abc import Iterator

import grpc
import typer

from cartera.client import CarteraError

FAILURE = 1
USAGE = 2


class Failed(Exception):  # noqa: N818, it tells what happened
    """A command can't do what it was asked; the lines say why, the first on its own if need be."""

    def __init__(self, *lines: str, status: int = FAILURE) -> None:
        super().__init__(lines[0])
        self.lines = lines
        self.status = status


EXPECTED = (Failed, CarteraError, OSError, typer.TyperException)
"""What may go wrong without being a fault of the program."""


def lines_of(failure: BaseException) -> list[str]:
    if isinstance(failure, Failed):
        return list(failure.lines)
    if isinstance(failure, CarteraError):
        return list(refusal(failure))
    if isinstance(failure, typer.TyperException):
        message = failure.format_message()
        return [f"{message} Try --help."] if message else []
    if isinstance(failure, OSError) and failure.filename:
        return [f"{failure.filename}: {failure.strerror}"]
    return [" ".join(str(failure).split())]


def status_of(failure: BaseException) -> int:
    if isinstance(failure, Failed):
        return failure.status
    return failure.exit_code if isinstance(failure, typer.TyperException) else FAILURE


def place(where: str, description: str) -> str:
    """Some descriptions say by themselves where they belong."""
    return description if where in description else f"{where}: {description}"


def about(error: CarteraError) -> str:
    return f", {error.resource.type} {error.resource.name}" if error.resource else ""


def refusal(error: CarteraError) -> Iterator[str]:
    """What the service said: one line, and one more for each field and condition where there are several."""
    details = [place(each.field, each.description) for each in error.field_violations]
    details += [place(each.type, each.description) for each in error.violations]
    if error.code is grpc.StatusCode.UNAVAILABLE and not error.reason:
        yield f"the service does not answer: {error.message}"
        return
    reason = error.reason or error.code.name
    if len(details) <= 1:
        yield f"{error.message} ({reason}{about(error)})"
        if error.code is grpc.StatusCode.INTERNAL and error.correlation_id:
            yield f"  who runs the service finds it in the log as {error.correlation_id}"
        return
    left_out = int(error.metadata.get("violations_left_out", 0))
    yield f"{len(details) + left_out} things are wrong ({reason}):"
    yield from (f"  {each}" for each in details)
    if left_out:
        yield f"  and {left_out} more"
