"""A declaration as a whole: whose configuration, which, and where each part of it stands in the file."""

from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from cartera.command_line.declaration.mistakes import Mistake, Mistakes
from cartera.command_line.declaration.reading import Reader, line_of
from cartera.routing.v1.configuration_service_pb2 import Configuration

TENANT_ID = "tenant_id"
ROOT = "configuration"


class Declaration(NamedTuple):
    tenant_id: str
    """Empty where the file leaves it to the command line."""
    configuration: Configuration
    lines: dict[str, int]

    def mistake(self, field: str, problem: str) -> Mistake:
        """Something that the service found wrong, at the line of the field or of what it stands in."""
        path = field.removeprefix(f"{ROOT}.")
        problem = problem.removeprefix(field).lstrip(": ")  # which says where it is by itself
        return Mistake(line_at(self.lines, path), path, problem)


def read_declaration(text: str) -> Declaration:
    """The declaration in a YAML text. Raises Mistakes with all that is wrong with it."""
    reader = Reader()
    root = root_of(text)
    tenant_id, rest = without_tenant_id(root, reader)
    configuration = Configuration()
    reader.fill(configuration, rest, "")
    declaration = Declaration(tenant_id, configuration, reader.lines)
    mistakes = reader.mistakes + outside_limits(declaration, [each.path for each in reader.mistakes])
    if mistakes:
        raise Mistakes(mistakes)
    return declaration


def root_of(text: str) -> MappingNode:
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        flatten(loader, root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Mistakes([Mistake(line, "", f"is no YAML: {error.problem or error.context}")]) from error
    except yaml.YAMLError as error:
        raise Mistakes([Mistake(1, "", f"is no YAML: {' '.join(str(error).split())}")]) from error
    if not isinstance(root, MappingNode):
        raise Mistakes([Mistake(1, "", "declares nothing: keys such as agents and workgroups are expected")])
    return root


def flatten(loader: yaml.SafeLoader, node: Node | None) -> None:
    """Puts what is merged by `<<` where it belongs. A node that is referred to twice is flattened once."""
    waiting: list[Any] = [node]
    done: set[int] = set()
    while waiting:
        each = waiting.pop()
        if id(each) in done or each is None or isinstance(each, ScalarNode):
            continue
        done.add(id(each))
        if isinstance(each, MappingNode):
            merge(loader, each)
            waiting.extend(part for pair in each.value for part in pair)
        else:
            waiting.extend(each.value)


def merge(loader: yaml.SafeLoader, node: MappingNode) -> None:
    """What a mapping says itself comes before what it merges; only that counts as said twice."""
    own = [pair for pair in node.value if pair[0].tag != "tag:yaml.org,2002:merge"]
    if len(own) == len(node.value):
        return
    loader.flatten_mapping(node)
    said = {key.value for key, _ in own}
    merged = {key.value: (key, value) for key, value in node.value[: len(node.value) - len(own)]}
    node.value = [pair for name, pair in merged.items() if name not in said] + own


def without_tenant_id(root: MappingNode, reader: Reader) -> tuple[str, MappingNode]:
    """The tenant's id is the one key of a declaration that is not part of the Configuration."""
    entries = [(key, value) for key, value in root.value if key.value == TENANT_ID]
    rest = MappingNode(root.tag, [pair for pair in root.value if pair not in entries], root.start_mark, root.end_mark)
    if not entries:
        return "", rest
    key, value = entries[0]
    reader.lines[TENANT_ID] = line_of(value)
    if len(entries) > 1 or not isinstance(value, ScalarNode):
        reader.mistake(key, TENANT_ID, "must be one id")
        return "", rest
    return value.value, rest


def outside_limits(declaration: Declaration, wrong: list[str]) -> list[Mistake]:
    """What is outside the contract's limits, but for what only follows from a mistake that is known already."""
    import protovalidate  # noqa: PLC0415, slow to import

    from cartera.rpc.validation import path_of  # noqa: PLC0415, slow to import

    mistakes = []
    for found in protovalidate.collect_violations(declaration.configuration):
        path = path_of(list(found.proto.field.elements)) if found.proto.field else ""
        absent = path not in declaration.lines
        if not any(follows(path, each, absent=absent) for each in wrong):
            mistakes.append(declaration.mistake(path, found.proto.message))
    return mistakes


def follows(path: str, wrong: str, *, absent: bool) -> bool:
    """Whether a violation at the path only follows from the mistake: what can't be read is left out, and missed."""
    around = wrong.rpartition(".")[0]
    return wrong.startswith(path) or path.startswith(wrong) or (absent and path.rpartition(".")[0] == around)


def line_at(lines: dict[str, int], path: str) -> int:
    """The line of the path, or of the nearest thing around it that stands in the file."""
    while path and path not in lines:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[: max(cut, 0)]
    return lines.get(path, 1)
