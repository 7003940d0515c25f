"""`cartera interaction`: claim, assign, transfer, complete, cancel, show and list."""

from typing import Annotated

import typer

from cartera.command_line.choices import all_chosen
from cartera.command_line.connection import Connection, WhyOption, connected
from cartera.command_line.failure import USAGE, Failed
from cartera.command_line.words import word
from cartera.routing.v1.channel_pb2 import Channel, Priority
from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState, RoutingReason
from cartera.routing.v1.routing_service_pb2 import InteractionView

application = typer.Typer(help="Interactions: who has them, and how they end.", no_args_is_help=True)

InteractionArgument = Annotated[
    str, typer.Argument(metavar="INTERACTION", help="The interaction's id.", show_default=False)
]
AgentArgument = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's id.", show_default=False)]
NoteOption = Annotated[str, typer.Option(metavar="TEXT", help="A note that later agents see.")]


def claim(
    connection: Connection,
    agent: AgentArgument,
    interaction: Annotated[
        str, typer.Argument(metavar="[INTERACTION]", help="Which; left out, the next in line.")
    ] = "",
) -> None:
    """Take a waiting interaction for an agent: a given one, or the next that it may have.

    **Example**

    `cartera interaction claim ana --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.ClaimInteraction(agent_id=agent, interaction_id=interaction)
    connection.output.message(answer, state_of(answer.interaction))


def assign(
    connection: Connection,
    interaction: InteractionArgument,
    agent: AgentArgument,
    over_capacity: Annotated[
        bool, typer.Option("--over-capacity", help="Give it even where the agent has no free slot.")
    ] = False,
    why: WhyOption = "",
) -> None:
    """Give a waiting interaction to an agent, as an administrator.

    **Example**

    `cartera interaction assign 01JD ana --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.AssignInteraction(
            interaction_id=interaction, agent_id=agent, allow_over_capacity=over_capacity, why=why
        )
    connection.output.message(answer, state_of(answer.interaction))


def transfer(
    connection: Connection,
    interaction: InteractionArgument,
    *,
    note: NoteOption,
    agent: Annotated[str, typer.Option(metavar="ID", help="The agent who shall have it.")] = "",
    campaign: Annotated[str, typer.Option(metavar="ID", help="The campaign where it is routed anew.")] = "",
    workgroup: Annotated[str, typer.Option(metavar="ID", help="The workgroup where it is routed anew.")] = "",
    disposition: Annotated[str, typer.Option(metavar="NAME", help="Instead of Transferencia.")] = "",
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say what would be done, change nothing.")
    ] = False,
) -> None:
    """Pass an interaction to another agent, to another campaign or to a workgroup.

    **Example**

    `cartera interaction transfer 01JD --agent carlos --note "pide francés" --tenant demo`
    """
    targets = (("agent_id", agent), ("campaign_id", campaign), ("workgroup_id", workgroup))
    target = {name: value for name, value in targets if value}
    if len(target) != 1:
        raise Failed("where to? Say --agent, --campaign or --workgroup, one of the three.", status=USAGE)
    with connection.client() as client:
        answer = client.routing.Transfer(
            interaction_id=interaction,
            note=note,
            disposition=disposition,
            validate_only=validate_only,
            **target,
        )
    connection.output.message(answer, state_of(answer.interaction))


def complete(
    connection: Connection,
    interaction: InteractionArgument,
    disposition: Annotated[str, typer.Option(metavar="NAME", help="One of the campaign's.")],
    sub_disposition: Annotated[str, typer.Option(metavar="NAME", help="One of the disposition's.")] = "",
    note: NoteOption = "",
) -> None:
    """End an interaction with a disposition of its campaign.

    **Example**

    `cartera interaction complete 01JD --disposition Venta --sub-disposition Nueva --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.CompleteInteraction(
            interaction_id=interaction, disposition=disposition, sub_disposition=sub_disposition, note=note
        )
    connection.output.message(answer, state_of(answer.interaction))


def cancel(connection: Connection, interaction: InteractionArgument) -> None:
    """End an interaction whose contact has left.

    **Example**

    `cartera interaction cancel 01JD --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.CancelInteraction(interaction_id=interaction)
    connection.output.message(answer, state_of(answer.interaction))


def show(connection: Connection, interaction: InteractionArgument) -> None:
    """Show an interaction, and where it stands in the queue.

    **Example**

    `cartera interaction show 01JD --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.GetInteraction(interaction_id=interaction)
    found = answer.view.interaction
    place = [f"position {answer.queue_position.position}"] if answer.HasField("queue_position") else []
    notes = [f"note by {each.author.subject_id}: {each.text}" for each in found.notes]
    connection.output.message(answer, state_of(found), *place, *notes)


def list_interactions(
    connection: Connection,
    *,
    agent: Annotated[str, typer.Option(metavar="ID", help="Held by this agent, now or last.")] = "",
    contact: Annotated[str, typer.Option(metavar="ID", help="Of this contact.")] = "",
    workgroup: Annotated[str, typer.Option(metavar="ID", help="Under this workgroup.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(help="In this state, such as queued; repeat, or use commas.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
) -> None:
    """List interactions, the newest first.

    **Example**

    `cartera interaction list --state queued,unassigned --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.ListInteractions(
            agent_id=agent,
            contact_id=contact,
            workgroup_id=workgroup,
            page_size=limit,
            states=all_chosen(InteractionState, "--state", state),
        )
    columns = ("interaction", "contact", "channel", "campaign", "workgroup", "priority", "state", "agent", "why")
    connection.output.table(answer, columns, map(row, answer.views))


def row(view: InteractionView) -> tuple[str, ...]:
    each = view.interaction
    return (
        each.interaction_id,
        each.contact_id,
        word(Channel.DESCRIPTOR, each.channel),
        view.campaign_name or each.campaign_id,
        each.workgroup_id,
        word(Priority.DESCRIPTOR, each.priority),
        word(InteractionState.DESCRIPTOR, each.state),
        each.agent_id,
        word(RoutingReason.DESCRIPTOR, each.reason),
    )


def state_of(interaction: Interaction) -> str:
    state = word(InteractionState.DESCRIPTOR, interaction.state)
    whom = f", agent {interaction.agent_id}" if interaction.agent_id else ""
    how = [interaction.disposition, interaction.sub_disposition]
    ended = f", {' / '.join(filter(None, how))}" if interaction.disposition else ""
    return f"{interaction.interaction_id or '(not recorded)'} is {state}{whom}{ended}"


application.command("claim")(connected(claim))
application.command("assign")(connected(assign))
application.command("transfer")(connected(transfer))
application.command("complete")(connected(complete))
application.command("cancel")(connected(cancel))
application.command("show")(connected(show))
application.command("list")(connected(list_interactions))
