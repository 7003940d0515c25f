"""`cartera agent`: presence."""

from typing import Annotated

import typer

from cartera.command_line.choices import all_chosen, chosen
from cartera.command_line.connection import Connection, connected
from cartera.command_line.words import word
from cartera.routing.v1.agent_pb2 import Agent, AgentPresence, AgentStatus
from cartera.routing.v1.channel_pb2 import Channel

application = typer.Typer(help="Agents and their presence.", no_args_is_help=True)

AgentArgument = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's id.", show_default=False)]


def status(
    connection: Connection,
    agent: AgentArgument,
    status: Annotated[str, typer.Argument(metavar="STATUS", help="online, paused or offline.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="CODE", help="Why it pauses, such as lunch.")] = "",
    channels: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNEL", help="What it takes while online; repeat, or use commas."),
    ] = None,
) -> None:
    """Say that an agent is online, paused or offline. Who goes online is at once given what waits.

    **Examples**

    `cartera agent status ana online --tenant demo --channels voice,messaging`

    `cartera agent status ana paused --reason lunch --tenant demo`
    """
    with connection.client() as client:
        answer = client.agents.SetAgentStatus(
            agent_id=agent,
            reason_code=reason,
            status=chosen(AgentStatus, "STATUS", status),
            channels=all_chosen(Channel, "--channels", channels),
        )
    given = [f"  given {each.interaction_id} of {each.contact_id}" for each in answer.assigned]
    connection.output.message(answer, presence_of(answer.presence), *given)


def extend(connection: Connection, agent: AgentArgument) -> None:
    """Begin an agent's session anew, so that it is not disconnected.

    **Example**

    `cartera agent extend ana --tenant demo`
    """
    with connection.client() as client:
        answer = client.agents.ExtendSession(agent_id=agent)
    ends = answer.presence.session_ends_at.ToJsonString()
    connection.output.message(answer, f"the session of {agent} ends at {ends}")


def list_agents(
    connection: Connection,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
) -> None:
    """List the agents and what they are doing now.

    **Example**

    `cartera agent list --tenant demo`
    """
    with connection.client() as client:
        answer = client.agents.ListAgents(page_size=limit)
    rows = [row(*each) for each in zip(answer.agents, answer.presences, strict=True)]
    connection.output.table(answer, ("agent", "name", "status", "since", "capacity", "channels"), rows)


def row(agent: Agent, presence: AgentPresence) -> tuple[str, ...]:
    since = presence.status_since.ToJsonString() if presence.HasField("status_since") else ""
    channels = ", ".join(word(Channel.DESCRIPTOR, each) for each in agent.channels) or "all"
    return (agent.agent_id, agent.name, status_of(presence), since, str(agent.capacity), channels)


def presence_of(presence: AgentPresence) -> str:
    return f"{presence.agent_id} is {status_of(presence)}"


def status_of(presence: AgentPresence) -> str:
    reason = f" ({presence.reason_code})" if presence.reason_code else ""
    return word(AgentStatus.DESCRIPTOR, presence.status) + reason


application.command("status")(connected(status))
application.command("extend")(connected(extend))
application.command("list")(connected(list_agents))
