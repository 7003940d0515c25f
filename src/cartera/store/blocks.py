"""Records of a checkpoint as bytes, and back: column by column, compressed.

Columns go by their names, so that code of before and after a migration reads what the other wrote: a column that isn't
there has the field's default, one that nobody knows is left out.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from cartera.core.records import TABLES, Record
from cartera.store.nested import decode_json, encode_json
from cartera.store.rows import SQLITE, fields_of, reader, writer
from cartera.store.tables import table_of

SIZE = 500
"""How many records a block has at most: few enough that the event loop doesn't notice one being made."""

LEVEL = 1
"""Of compression: more takes three times as long and gains a tenth."""

TYPES: dict[str, type] = {table_of(record_type).name: record_type for record_type in TABLES}
WRITERS: dict[type, Callable[[Iterable[Any]], list[Iterable[Any]]]] = {each: writer(each, SQLITE) for each in TABLES}
READERS: dict[type, Callable[[Sequence[Sequence[Any]]], list[Any]]] = {each: reader(each, SQLITE) for each in TABLES}


def blocks_of(records: Iterable[Record], size: int = SIZE) -> Iterator[list[Record]]:
    """The records in blocks."""
    remaining = iter(records)
    while block := list(islice(remaining, size)):
        yield block


def encode_block(records: list[Record], rest: Callable[[], None] = lambda: None) -> bytes:
    """A block's bytes. The interpreter is let go at every `rest`."""
    compressor = zlib.compressobj(LEVEL)
    parts = []
    for line in _lines(records):
        parts.append(compressor.compress(line.encode() + b"\n"))
        rest()
    return b"".join([*parts, compressor.flush()])


def _lines(records: list[Record]) -> Iterator[str]:
    """Of each type a line that names the table and its columns, then a line for each column."""
    for record_type, of_type in groupby(records, type):
        names = [field.name for field in fields_of(record_type)]
        yield encode_json([table_of(record_type).name, names])
        for column in WRITERS[record_type](list(of_type)):
            yield encode_json(list(column))


def decode_block(payload: bytes) -> list[Record]:
    """The records of a block."""
    lines = iter(zlib.decompress(payload).splitlines())
    records: list[Record] = []
    for header in lines:
        table, names = decode_json(header.decode())
        columns = {name: decode_json(next(lines).decode()) for name in names}
        records += _records_of(table, columns)
    return records


def _records_of(table: str, columns: dict[str, list[Any]]) -> list[Any]:
    record_type = TYPES.get(table)
    if record_type is None:
        return []
    number = len(next(iter(columns.values())))
    rows = [columns.get(field.name) or _defaults(record_type, field.name, number) for field in fields_of(record_type)]
    return READERS[record_type](list(zip(*rows, strict=True)))


def _defaults(record_type: Any, name: str, number: int) -> list[Any]:
    """A field's default, in the form that the columns have, so many times."""
    defaults = record_type._make(map(record_type._field_defaults.get, record_type._fields))
    [plain] = WRITERS[record_type]([defaults])[record_type._fields.index(name)]
    return [plain] * number
