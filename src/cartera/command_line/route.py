"""`cartera route`."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cartera.command_line.choices import chosen
from cartera.command_line.connection import Connection, connected
from cartera.command_line.failure import USAGE, Failed
from cartera.command_line.words import word
from cartera.routing.v1.channel_pb2 import Channel, Direction, Priority
from cartera.routing.v1.interaction_pb2 import Interaction, RoutingReason
from cartera.routing.v1.routing_service_pb2 import RouteInteractionResponse, RoutingOutcome
from cartera.routing.v1.skill_pb2 import SkillRequirement


def register(application: typer.Typer) -> None:
    application.command("route")(connected(route))


def route(
    connection: Connection,
    *,
    campaign: Annotated[str, typer.Option(metavar="ID", help="The campaign that it arrives in.")],
    contact: Annotated[str, typer.Option(metavar="ID", help="Who it is from, in the contact list or not.")],
    channel: Annotated[str, typer.Option(help="voice, chat, messaging or email.")],
    line: Annotated[str, typer.Option(metavar="ADDRESS", help="The campaign's address that it arrives at.")] = "",
    direction: Annotated[str | None, typer.Option(help="inbound or outbound.")] = None,
    priority: Annotated[str | None, typer.Option(help="low, normal, high or urgent.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag of its own; may be repeated.")] = None,
    language: Annotated[
        str, typer.Option(metavar="TAG", help="Its language, such as es; left out, its contact's.")
    ] = "",
    skill: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:LEVEL]", help="A skill that it demands, at level 1 unless said; may be repeated."),
    ] = None,
    request_id: Annotated[str, typer.Option(help="Makes a repetition of this command safe.")] = "",
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say who would get it and why, change nothing.")
    ] = False,
) -> None:
    """Route an interaction, and say who got it and why.

    **Examples**

    `cartera route --tenant demo --campaign ventas-voz --contact +34600111222 --channel voice`

    `cartera route --tenant demo --campaign ventas-whatsapp --contact +34600111222 --channel messaging --validate-only`

    `cartera route --tenant demo --campaign ventas-voz --contact +34600111222 --channel voice --skill english:5`
    """
    skills = [required(each) for each in skill or []]
    with connection.client() as client:
        answer = client.routing.RouteInteraction(
            campaign_id=campaign,
            contact_id=contact,
            address=line,
            tags=tag or [],
            language=language,
            skills=skills,
            request_id=request_id,
            validate_only=validate_only,
            channel=chosen(Channel, "--channel", channel),
            direction=chosen(Direction, "--direction", direction),
            priority=chosen(Priority, "--priority", priority),
        )
    connection.output.message(answer, *told(answer))


def required(text: str) -> SkillRequirement:
    """What `--skill NAME[:LEVEL]` demands."""
    name, colon, level = text.rpartition(":")
    if not colon:
        return SkillRequirement(skill=text, level=1)
    if not name or not level.isdecimal():
        raise Failed(f"--skill: {text!r} is no NAME or NAME:LEVEL", status=USAGE)
    return SkillRequirement(skill=name, level=int(level))


def told(answer: RouteInteractionResponse) -> Iterator[str]:
    """What was done with the interaction, and why."""
    interaction = answer.interaction
    outcome = word(RoutingOutcome.DESCRIPTOR, answer.outcome).upper()
    whom = f" to {interaction.agent_id}" if interaction.agent_id else ""
    joined = ", joined the open interaction" if answer.joined else ""
    yield f"{outcome}{whom}: {word(RoutingReason.DESCRIPTOR, answer.reason)}{joined}"
    yield placed(interaction)
    if answer.HasField("queue_position"):
        yield f"position {answer.queue_position.position} in the queue{estimate(answer)}"


def placed(interaction: Interaction) -> str:
    parts = [
        f"interaction {interaction.interaction_id or '(not recorded)'}",
        f"workgroup {interaction.workgroup_id}",
        f"priority {word(Priority.DESCRIPTOR, interaction.priority)}",
    ]
    if interaction.trigger_ids:
        parts.append(f"triggers {', '.join(interaction.trigger_ids)}")
    if interaction.skills:
        parts.append(f"skills {', '.join(f'{each.skill} {each.level}' for each in interaction.skills)}")
    return ", ".join(parts)


def estimate(answer: RouteInteractionResponse) -> str:
    if not answer.queue_position.HasField("estimated_wait"):
        return ""
    return f", about {round(answer.queue_position.estimated_wait.ToTimedelta().total_seconds())} s"
