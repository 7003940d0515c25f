"""Answers on the terminal: lines and tables for people, JSON for scripts."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cartera.command_line.plain import plain

JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]

WIDTH_WITHOUT_TERMINAL = 200


class Output:
    """Where a command's answer goes."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def message(self, message: Message, *lines: str) -> None:
        """An answer of the service: whole in JSON, or as lines."""
        if self.as_json:
            print_json(as_dictionary(message))
        else:
            self.lines(*lines)

    def lines(self, *lines: str) -> None:
        for line in lines:
            typer.echo(plain(line))

    def table(self, message: Message, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        if self.as_json:
            print_json(as_dictionary(message))
            return
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        console().print(table)

    def tree(self, message: Message, tree: Tree) -> None:
        """An answer of the service: whole in JSON, or as a tree of lines."""
        if self.as_json:
            print_json(as_dictionary(message))
        else:
            console().print(tree)


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def as_dictionary(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def print_json(value: Any, *, indent: int | None = 2) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=indent))
