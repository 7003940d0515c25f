"""From YAML's nodes to messages, by the messages' own descriptors; goes on after a mistake, to find them all."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cartera.command_line.declaration.mistakes import Mistake
from cartera.command_line.declaration.scalars import scalar

MADE_BY_THE_SERVICE = ("etag", "personal_agent_id", "assigned_at", "assigned_by", "expires_at")

SHORT_FORMS = {
    "cartera.routing.v1.ChannelCondition": "channels",
    "cartera.routing.v1.TagsCondition": "any_of",
    "cartera.routing.v1.CampaignCondition": "campaign_ids",
    "cartera.routing.v1.OrganizationCondition": "organization_ids",
    "cartera.routing.v1.PriorityCondition": "priorities",
    "cartera.routing.v1.LanguageCondition": "languages",
    "cartera.routing.v1.AttributeCondition": "name",
    "cartera.routing.v1.Disposition": "name",
    "cartera.routing.v1.Holiday": "date",
    "cartera.routing.v1.Skill": "name",
    "cartera.routing.v1.SkillRequirement": "skill",
}
"""Messages that may be written as one value, or a list of values, and the field that it then is."""

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "cartera.routing.v1.Trigger": {"active": True},
    "cartera.routing.v1.ChannelRule": {"cost": 1},
    "cartera.routing.v1.Skill": {"level": 1},
    "cartera.routing.v1.SkillRequirement": {"level": 1},
}
"""What is meant where a declaration says nothing: a trigger that somebody writes down shall work, a skill be had at
all."""


class Reader:
    """Collects mistakes, and the line of every path, for what the service may find wrong later."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.lines: dict[str, int] = {}

    def mistake(self, node: Node, path: str, problem: str) -> None:
        self.mistakes.append(Mistake(line_of(node), path, problem))

    def fill(self, message: Message, node: Node, path: str) -> None:
        short = SHORT_FORMS.get(message.DESCRIPTOR.full_name)
        for name, value in DEFAULTS.get(message.DESCRIPTOR.full_name, {}).items():
            setattr(message, name, value)
        if isinstance(node, MappingNode):
            self._fill_fields(message, node, path)
        elif short:
            self._fill_short(message, fields_of(message)[short], node, path)
        else:
            self.mistake(node, path, "must have keys and values")

    def entries(self, node: MappingNode, path: str) -> Iterator[tuple[str, Node, Node]]:
        """Name, key and value of each entry; a key that stands twice counts once and is a mistake."""
        seen = set()
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "?"
            if name in seen:
                self.mistake(key, joined(path, name), "stands here twice")
            else:
                yield name, key, value
            seen.add(name)

    def unknown(self, key: Node, path: str, name: str, known: list[str]) -> None:
        near = get_close_matches(name, known, 1)
        hint = f"; {near[0]} is meant?" if near else f"; known are {', '.join(known)}"
        self.mistake(key, joined(path, name), f"is no known key{hint}")

    def _fill_fields(self, message: Message, node: MappingNode, path: str) -> None:
        fields = fields_of(message)
        known = [name for name in fields if name not in MADE_BY_THE_SERVICE]
        for name, key, value in self.entries(node, path):
            beside = set_beside(message, fields[name]) if name in known else None
            if name not in known:
                self.unknown(key, path, name, known)
            elif beside:
                self.mistake(key, joined(path, name), f"stands beside {beside}; only one of them may be said")
            elif not is_nothing(value):
                self._set(message, fields[name], value, joined(path, name))

    def _fill_short(self, message: Message, field: FieldDescriptor, node: Node, path: str) -> None:
        if field.is_repeated and isinstance(node, ScalarNode):
            node = SequenceNode("tag:yaml.org,2002:seq", [node], node.start_mark, node.end_mark)
        self._set(message, field, node, joined(path, field.name))

    def _set(self, message: Message, field: FieldDescriptor, node: Node, path: str) -> None:
        self.lines[path] = line_of(node)
        if not field.is_repeated:
            self._set_one(message, field, node, path)
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self._append(getattr(message, field.name), field, item, f"{path}[{index}]")
        else:
            self.mistake(node, path, "must be a list")

    def _append(self, items: Any, field: FieldDescriptor, node: Node, path: str) -> None:
        self.lines[path] = line_of(node)
        if is_message(field):
            self.fill(items.add(), node, path)
            return
        value = self._scalar(field, node, path)
        if value is not None:
            items.append(value)

    def _set_one(self, message: Message, field: FieldDescriptor, node: Node, path: str) -> None:
        if is_message(field):
            inner = getattr(message, field.name)
            inner.SetInParent()
            self.fill(inner, node, path)
            return
        value = self._scalar(field, node, path)
        if isinstance(value, Duration):
            getattr(message, field.name).CopyFrom(value)
        elif value is not None:
            setattr(message, field.name, value)

    def _scalar(self, field: FieldDescriptor, node: Node, path: str) -> Any:
        if not isinstance(node, ScalarNode):
            self.mistake(node, path, "must be a single value")
            return None
        try:
            return scalar(field, node.value)
        except ValueError as error:
            self.mistake(node, path, str(error))
            return None


def fields_of(message: Message) -> Mapping[str, FieldDescriptor]:
    return cast("Mapping[str, FieldDescriptor]", message.DESCRIPTOR.fields_by_name)


def set_beside(message: Message, field: FieldDescriptor) -> str | None:
    """The field of which the message has a value already and may not have another's too."""
    alternatives = field.containing_oneof
    return message.WhichOneof(alternatives.name) if alternatives else None


def is_message(field: FieldDescriptor) -> bool:
    """A duration is a message in the contract and a single value in a declaration."""
    return field.message_type is not None and field.message_type is not Duration.DESCRIPTOR


def is_nothing(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
