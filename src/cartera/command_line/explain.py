"""`cartera explain`."""

from typing import Annotated

import typer

from cartera.command_line.connection import Connection, connected
from cartera.command_line.explanation import tree_of


def register(application: typer.Typer) -> None:
    application.command("explain")(connected(explain))


def explain(
    connection: Connection,
    interaction: Annotated[
        str, typer.Argument(metavar="INTERACTION", help="The interaction's id.", show_default=False)
    ],
    *,
    revision: Annotated[
        int, typer.Option(metavar="N", min=0, help="That of the decision; left out, the last.", show_default=False)
    ] = 0,
    candidates: Annotated[
        int, typer.Option(metavar="N", min=1, max=1000, help="How many are told of each step; the others are counted.")
    ] = 100,
) -> None:
    """Tell why an interaction went where it did: who was considered, and why each was left out.

    **Examples**

    `cartera explain i1042 --tenant demo`

    `cartera explain i1042 --revision 1057 --tenant demo`
    """
    with connection.client() as client:
        answer = client.routing.ExplainInteraction(
            interaction_id=interaction, revision=revision, max_candidates=candidates
        )
    connection.output.tree(answer, tree_of(answer.explanation))
