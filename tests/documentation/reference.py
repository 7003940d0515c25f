"""The reference of the contract, docs/reference/, made from the comments and options of the protos.

python -m tests.documentation.reference      writes it
"""

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

from cartera.core.vocabulary import ErrorReason
from cartera.routing.buf.validate import validate_pb2
from cartera.routing.v1 import access_pb2
from cartera.rpc.errors import RULES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PACKAGE = "cartera.routing.v1"
MADE = "<!-- made by scripts/reference from protos/; change them -->"

MESSAGES, ENUMS, SERVICES, MEMBERS, NESTED, NESTED_ENUMS = 4, 5, 6, 2, 3, 4
"""The numbers of descriptors' fields, of which a comment's path is made."""


class Documented(NamedTuple):
    """A descriptor with its comment and those of its members."""

    descriptor: Any
    comment: str
    members: Sequence[str]
    """The comments of a service's methods, a message's fields, an enumeration's values."""


def pages() -> dict[str, str]:
    """The text of each page, by the name of its file."""
    services, types = dict[str, Documented](), dict[str, Documented]()
    for file in _files():
        comments = {tuple(each.path): _joined(each.leading_comments) for each in file.source_code_info.location}
        services |= {each.descriptor.name: each for each in _documented(file.service, (SERVICES,), comments)}
        types |= {each.descriptor.name: each for each in _documented(file.enum_type, (ENUMS,), comments)}
        types |= _messages(file.message_type, (MESSAGES,), "", comments)
    errors = types.pop("ErrorReason")
    own = {f"{_snake(name)}.md": _service_page(service, types) for name, service in services.items()}
    of_services = {each.input_type for service in services.values() for each in service.descriptor.method}
    of_services |= {each.output_type for service in services.values() for each in service.descriptor.method}
    shared = {name: of for name, of in types.items() if f".{PACKAGE}.{name}" not in of_services}
    return {
        "README.md": _index(services),
        **own,
        "types.md": _types_page(shared),
        "errors.md": _errors_page(errors),
    }


@cache
def _files() -> list[Any]:
    command = [f"{sysconfig.get_path('scripts')}/buf", "build", "--output", "-#format=binpb"]
    built = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return [file for file in FileDescriptorSet.FromString(built.stdout).file if file.package == PACKAGE]


def _documented(
    descriptors: Iterable[Any], path: tuple[int, ...], comments: Mapping[tuple[int, ...], str]
) -> Iterator[Documented]:
    for place, descriptor in enumerate(descriptors):
        here = (*path, place)
        members = next(filter(None, (getattr(descriptor, each, ()) for each in ("method", "field", "value"))), ())
        of_members = [comments.get((*here, MEMBERS, each), "") for each in range(len(members))]
        yield Documented(descriptor, comments.get(here, ""), of_members)


def _messages(
    descriptors: Iterable[Any], path: tuple[int, ...], within: str, comments: Mapping[tuple[int, ...], str]
) -> dict[str, Documented]:
    """Messages, each with those within it, by their names."""
    found = {}
    for place, each in enumerate(_documented(descriptors, path, comments)):
        name = f"{within}{each.descriptor.name}"
        found[name] = each
        here = (*path, place)
        found |= _messages(each.descriptor.nested_type, (*here, NESTED), f"{name}.", comments)
        for enum in _documented(each.descriptor.enum_type, (*here, NESTED_ENUMS), comments):
            found[f"{name}.{enum.descriptor.name}"] = enum
    return found


def _joined(comment: str) -> str:
    return " ".join(comment.split())


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _index(services: Mapping[str, Documented]) -> str:
    listed = [f"- [{name}]({_snake(name)}.md): {service.comment}" for name, service in sorted(services.items())]
    return _text(
        "# Reference of the contract",
        "Every RPC with who may call it and for how long a client waits, every field with its limits, every error.",
        "\n".join(listed),
        "- [Types](types.md): what requests and answers are made of\n- [Errors](errors.md): every reason and its code",
    )


def _service_page(service: Documented, types: Mapping[str, Documented]) -> str:
    methods = zip(service.descriptor.method, service.members, strict=True)
    parts = [part for method, comment in methods for part in _method_parts(service, method, comment, types)]
    return _text(f"# {service.descriptor.name}", service.comment, *parts)


def _method_parts(service: Documented, method: Any, comment: str, types: Mapping[str, Documented]) -> Iterator[str]:
    request, response = (types[name.rpartition(".")[2]] for name in (method.input_type, method.output_type))
    roles = [access_pb2.Role.Name(each)[len("ROLE_") :].lower() for each in method.options.Extensions[access_pb2.roles]]
    names = {field.name for field in request.descriptor.field}
    facts = [
        f"- may be called by: {', '.join(roles)}",
        f"- deadline and retries of the published service config: {_waiting(service.descriptor.name, method.name)}",
        *(["- the answer is a stream"] if method.server_streaming else []),
        *(["- takes a `request_id`: repeated, it is done once"] if "request_id" in names else []),
        *(["- takes `validate_only`: nothing changes"] if "validate_only" in names else []),
    ]
    yield f"## {method.name}"
    yield comment
    yield "\n".join(facts)
    for what, message in (("Request", request), ("Answer", response)):
        yield f"**{what}**: `{message.descriptor.name}`"
        yield _fields(message)


@cache
def _service_config() -> dict[tuple[str, str], Any]:
    configs = json.loads((ROOT / "service_config.json").read_text("utf-8"))["methodConfig"]
    return {
        (name["service"].rpartition(".")[2], name.get("method", "")): config
        for config in configs
        for name in config["name"]
    }


def _waiting(service: str, method: str) -> str:
    config = _service_config()[service, method]
    timeout, retries = config.get("timeout"), config.get("retryPolicy")
    within = f"within {timeout.removesuffix('s')} s" if timeout else "no deadline"
    if not retries:
        return f"{within}; not tried again by itself"
    codes = ", ".join(retries["retryableStatusCodes"])
    return f"{within}; up to {retries['maxAttempts']} attempts on {codes}"


def _types_page(types: Mapping[str, Documented]) -> str:
    parts = []
    for name, of in sorted(types.items()):
        parts += [f"## {name}", of.comment, _values(of) if hasattr(of.descriptor, "value") else _fields(of)]
    return _text("# Types", "Messages and enumerations that requests and answers are made of.", *parts)


def _fields(message: Documented) -> str:
    if not message.descriptor.field:
        return "No fields."
    fields = zip(message.descriptor.field, message.members, strict=True)
    rows = [f"| `{field.name}` | {_type(field)} | {_limits(field)} | {comment} |" for field, comment in fields]
    return _table("| field | type | limits | what it is |", rows)


def _type(field: Any) -> str:
    named = field.type_name.removeprefix(".").removeprefix(f"{PACKAGE}.")
    plain = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    optional = "optional " if field.proto3_optional else ""
    return f"{optional}{'repeated ' if repeated else ''}{named or plain}"


def _limits(field: Any) -> str:
    rules = text_format.MessageToString(field.options.Extensions[validate_pb2.field], as_one_line=True)
    return f"`{rules.replace('|', chr(92) + '|')}`" if rules else ""


def _values(enum: Documented) -> str:
    values = zip(enum.descriptor.value, enum.members, strict=True)
    return _table("| value | what it is |", [f"| `{value.name}` | {comment} |" for value, comment in values])


def _errors_page(reasons: Documented) -> str:
    rows = []
    for value, comment in zip(reasons.descriptor.value, reasons.members, strict=True):
        rule = RULES[ErrorReason(value.number)]
        rows.append(f"| `{value.name}` | {rule.code.name} | {rule.detail.name.lower()} | {comment} |")
    return _text(
        "# Errors",
        f"{reasons.comment} Every error has an ErrorInfo with the reason, and a LocalizedMessage. *Detail* is what it "
        "has besides: BadRequest (field), PreconditionFailure (precondition), ResourceInfo (resource), "
        "RetryInfo (retry).",
        _table("| reason | code | detail | when |", rows),
    )


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, re.sub(r"[^|]+", " --- ", head), *rows])


def _text(*parts: str) -> str:
    return "\n\n".join([MADE, *filter(None, parts)]) + "\n"


def write() -> None:
    REFERENCE.mkdir(exist_ok=True)
    for path in REFERENCE.glob("*.md"):
        path.unlink()
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
