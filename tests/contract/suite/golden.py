"""Golden bytes: messages as they were once written, which every client must read for ever.

`python -m tests.contract.suite.golden` adds lines for the messages, and the members of oneofs, that have none yet. It
never changes a line: what stands there has been sent by somebody.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from cartera.contract.messages import FILES
from tests.contract.suite.cases import GOLDEN
from tests.contract.suite.fullness import full

Field = tuple[str, str]
"""A message and one of its fields, by name."""


class Line(NamedTuple):
    """One message."""

    name: str
    content: bytes
    json: Any

    def descriptor(self) -> Descriptor:
        return descriptor_pool.Default().FindMessageTypeByName(self.name)

    def written(self) -> dict[str, Any]:
        return {"name": self.name, "bytes": base64.b64encode(self.content).decode(), "json": self.json}

    def fields(self) -> set[Field]:
        """The fields that it has."""
        decoded = message_factory.GetMessageClass(self.descriptor()).FromString(self.content)
        return {(self.name, field.name) for field, _ in decoded.ListFields()}


def read(path: Path = GOLDEN) -> list[Line]:
    """All lines.

    Raises:
        OSError: there is no such file.
        ValueError: it is none of golden bytes.

    """
    return parse(path.read_text("utf-8"))


def parse(text: str) -> list[Line]:
    written = json.loads(text)["messages"]
    return [Line(each["name"], base64.b64decode(each["bytes"]), each["json"]) for each in written]


def all_messages() -> Iterator[Descriptor]:
    """Every message of the contract."""
    for file in FILES:
        for message in file.message_types_by_name.values():
            yield from _with_nested(message)


def _with_nested(message: Descriptor) -> Iterator[Descriptor]:
    if not message.GetOptions().map_entry:
        yield message
    for nested in message.nested_types:
        yield from _with_nested(nested)


def all_fields(message: Descriptor) -> set[Field]:
    return {(message.full_name, field.name) for field in message.fields}


def missing_lines(lines: Iterable[Line]) -> list[Line]:
    """Lines for what none has yet."""
    lines = list(lines)
    had, named = {field for line in lines for field in line.fields()}, {line.name for line in lines}
    return [line for message in all_messages() for line in _lines_for(message, all_fields(message) - had, named)]


def _lines_for(message: Descriptor, missing: set[Field], named: set[str]) -> Iterator[Line]:
    if not message.fields and message.full_name not in named:
        yield Line(message.full_name, b"", {})
    while missing:
        line = _line(message, _chosen(message, missing))
        missing = missing - line.fields()
        yield line


def _chosen(message: Descriptor, missing: set[Field]) -> dict[str, FieldDescriptor]:
    """For each oneof the member that is set: one that no line has, while there is any."""
    chosen = {}
    for oneof in message.oneofs:
        wanted = [field for field in oneof.fields if (message.full_name, field.name) in missing]
        chosen[oneof.name] = (wanted or list(oneof.fields))[0]
    return chosen


def _line(message: Descriptor, chosen: dict[str, FieldDescriptor]) -> Line:
    filled = full(message, chosen)
    return Line(
        message.full_name,
        filled.SerializeToString(deterministic=True),
        json_format.MessageToDict(filled),
    )


def write(lines: Sequence[Line], path: Path = GOLDEN) -> None:
    """One message a line, so that what is added is seen as such."""
    each = ",\n".join(json.dumps(line.written(), ensure_ascii=False) for line in lines)
    path.write_text(f'{{"messages": [\n{each}\n]}}\n', "utf-8")


def main() -> None:
    lines = read() if GOLDEN.exists() else []
    write([*lines, *missing_lines(lines)])


if __name__ == "__main__":
    main()
