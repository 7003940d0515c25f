"""What the demo's scenes are played with: clients of each role, a watcher, and a check of everything that is shown."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from demonstration_feed import Failure, Feed
from rich.console import Console
from rich.table import Table

from cartera.client import CarteraError, Client
from cartera.command_line.lines import line_of
from cartera.command_line.words import word
from cartera.routing.v1.agent_pb2 import AgentStatus
from cartera.routing.v1.channel_pb2 import CHANNEL_MESSAGING, CHANNEL_VOICE, Channel, Priority
from cartera.routing.v1.interaction_pb2 import InteractionState, RoutingReason
from cartera.routing.v1.routing_service_pb2 import RoutingOutcome

TENANT = "demo"
CONSOLE = Console(highlight=False, width=None if sys.stdout.isatty() else 130)


def say(line: str) -> None:
    CONSOLE.print(line)


def scene(title: str, subtitle: str) -> None:
    say(f"\n[bold cyan]{title}[/] [dim]{subtitle}[/]")


def command() -> list[str]:
    return [sys.executable, "-m", "cartera"]


class Stage:
    """Gateways, agents and an administrator, each a client of its own role; and a watcher in the background."""

    def __init__(self, address: str, directory: Path) -> None:
        self._address = address
        self._directory = directory
        self._open = contextlib.ExitStack()
        self._clients: dict[tuple[str, str], Client] = {}
        self._latest: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def client(self, role: str, subject: str) -> Client:
        key = (role, subject)
        if key not in self._clients:
            client = Client(self._address, tenant_id=TENANT, role=role, subject=subject)
            self._clients[key] = self._open.enter_context(client)
        return self._clients[key]

    @property
    def administrator(self) -> Client:
        return self.client("administrator", "direccion")

    def run(self, *arguments: str) -> str:
        """A command of the command line, as a user gives it."""
        environment = os.environ | {
            "CARTERA_ADDRESS": self._address,
            "CARTERA_TENANT": TENANT,
            "CARTERA_DATABASE_URL": f"sqlite:///{self._directory / 'cartera.db'}",
        }
        ran = subprocess.run([*command(), *arguments], capture_output=True, text=True, check=False, env=environment)
        if ran.returncode != 0:
            raise Failure(ran.stderr.strip())
        return ran.stdout

    @staticmethod
    def expect(found: Any, wanted: Any, what: str) -> None:
        if found != wanted:
            raise Failure(f"{what}: {wanted!r} was expected, it is {found!r}")

    def follow(self) -> None:
        self.feed = self._open.enter_context(Feed(self.client("supervisor", "sofia").watch(0)))

    def await_agent(self, interaction_id: str, agent: str) -> None:
        """What the watcher sees, as soon as it does."""
        given = self.feed.assignment(interaction_id)
        self.expect(given.agent_id, agent, f"the agent of {interaction_id}")
        reason = word(RoutingReason.DESCRIPTOR, given.reason)
        say(f"  [green]→ {interaction_id} goes to {agent}[/]  because: {reason} [dim](seen by the watcher)[/]")

    # Who does what

    def set_status(self, agent: str, status: Any, reason: str = "") -> None:
        answer = self.client("agent", agent).agents.SetAgentStatus(agent_id=agent, status=status, reason_code=reason)
        told = word(AgentStatus.DESCRIPTOR, answer.presence.status)
        say(f"  {agent} is {told}{f' ({reason})' if reason else ''}")

    def add_to_portfolio(self, portfolio: str, contacts: list[str], comment: str, script: str) -> None:
        self.administrator.portfolios.AssignPortfolio(
            portfolio_id=portfolio, contact_ids=contacts, comment=comment, script_id=script
        )

    def portfolio_of(self, contact: str) -> str:
        return self.administrator.contacts.GetContact(contact_id=contact).portfolio_contact.portfolio_id

    def portfolio_of_agent(self, agent: str) -> str:
        listed = self.administrator.portfolios.ListPortfolios().portfolios
        own = [each.portfolio_id for each in listed if each.personal_agent_id == agent]
        return own[0] if own else ""

    def call(self, contact: str, who: str, *, line: str = "", **expected: Any) -> str:
        arrival = {"campaign_id": "ventas-voz", "channel": CHANNEL_VOICE, "contact_id": contact, "address": line}
        return self._arrives("voz", who, arrival, expected)

    def message(self, contact: str, who: str, **expected: Any) -> str:
        arrival = {"campaign_id": "ventas-whatsapp", "channel": CHANNEL_MESSAGING, "contact_id": contact}
        return self._arrives("whatsapp", who, arrival, expected)

    def _arrives(self, gateway: str, who: str, arrival: dict[str, Any], expected: dict[str, Any]) -> str:
        contact = arrival["contact_id"]
        answer = self.client("gateway", gateway).routing.RouteInteraction(**arrival)
        shown = facts(answer)
        for name, value in expected.items():
            self.expect(shown[name], value, f"{name} of {who}")
        self._latest[contact] = answer.interaction.interaction_id
        say(f"  [bold]{shown['channel']:9}[/] {contact} {who}{' writes again' if answer.joined else ''}")
        say(f"  [green]→ {told(shown)}[/]  because: {reasons(shown)}")
        if answer.interaction.comment and not answer.joined:
            say(f"    [dim]comment: {answer.interaction.comment}; script: {answer.interaction.script_id}[/]")
        return answer.interaction.interaction_id

    def last_of(self, contact: str) -> str:
        return self._latest[contact]

    def complete(self, interaction: str, agent: str, disposition: str, finer: str = "") -> None:
        self.client("agent", agent).routing.CompleteInteraction(
            interaction_id=interaction, disposition=disposition, sub_disposition=finer
        )
        say(f"  {agent} completes {interaction}: {disposition}{f' / {finer}' if finer else ''}")

    def complete_refused(self, interaction: str, agent: str, disposition: str, reason: str) -> None:
        try:
            self.complete(interaction, agent, disposition)
        except CarteraError as error:
            self.expect(error.reason, reason, "the refusal")
            say(f"  [yellow]✗ refused:[/] {error.message} [dim]{error.reason}[/]")
        else:
            raise Failure(f"{disposition} was accepted")

    def transfer(self, interaction: str, source: str, target: str, note: str) -> None:
        answer = self.client("agent", source).routing.Transfer(interaction_id=interaction, agent_id=target, note=note)
        self.expect(answer.interaction.agent_id, target, "the agent after the transfer")
        say(f"  [green]→ {interaction} goes from {source} to {target}[/]  because: transferred, “{note}”")

    def transfer_refused(self, interaction: str, source: str, target: str, conditions: set[str]) -> None:
        try:
            self.transfer(interaction, source, target, "¿Puedes tomarla?")
        except CarteraError as error:
            self.expect({each.type for each in error.violations}, conditions, "what was named")
            for each in error.violations:
                say(f"  [yellow]✗ to {target} refused:[/] {each.description} [dim]{each.type}[/]")
        else:
            raise Failure(f"the transfer to {target} was accepted")

    # What was seen

    def show_interactions(self) -> None:
        answer = self.administrator.routing.ListInteractions()
        table = Table("", "contact", "channel", "workgroup", "priority", "state", "agent", "why", box=None)
        for each in reversed([view.interaction for view in answer.views]):
            table.add_row(
                each.interaction_id,
                each.contact_id,
                word(Channel.DESCRIPTOR, each.channel),
                each.workgroup_id,
                word(Priority.DESCRIPTOR, each.priority),
                word(InteractionState.DESCRIPTOR, each.state),
                each.agent_id,
                word(RoutingReason.DESCRIPTOR, each.reason),
            )
        scene("All interactions", "cartera interaction list")
        CONSOLE.print(table)

    def show_feed(self) -> None:
        revision = self.administrator.configuration.GetTenant().revision
        changes = self.feed.up_to(revision)
        self.expect([each.revision for each in changes], list(range(1, revision + 1)), "what the watcher saw")
        scene("The watcher", f"saw every change once and in order, revisions 1 to {revision}; the last three:")
        for change in changes[-3:]:
            for event in change.events:
                say(f"  [dim]{change.revision:>4}[/]  {line_of(event)}")


def facts(answer: Any) -> dict[str, Any]:
    """An answer of RouteInteraction in words."""
    interaction = answer.interaction
    return {
        "channel": word(Channel.DESCRIPTOR, interaction.channel),
        "id": interaction.interaction_id,
        "agent": interaction.agent_id,
        "outcome": word(RoutingOutcome.DESCRIPTOR, answer.outcome),
        "reason": word(RoutingReason.DESCRIPTOR, answer.reason),
        "priority": word(Priority.DESCRIPTOR, interaction.priority),
        "workgroup": interaction.workgroup_id,
        "triggers": list(interaction.trigger_ids),
        "tags": list(interaction.tags),
        "joined": answer.joined,
        "position": answer.queue_position.position,
    }


def told(shown: dict[str, Any]) -> str:
    if shown["joined"]:
        return f"joins {shown['id']}, which {shown['agent']} has"
    if shown["outcome"] == "assigned":
        return f"{shown['id']} goes to {shown['agent']}"
    position = f", position {shown['position']}" if shown["position"] else ""
    return f"{shown['id']} is {shown['outcome']}{position}"


def reasons(shown: dict[str, Any]) -> str:
    parts = [shown["reason"]]
    if shown["triggers"]:
        parts.append(f"trigger {', '.join(shown['triggers'])} by tag {', '.join(shown['tags'])}")
    if shown["priority"] != "normal":
        parts.append(f"priority {shown['priority']}")
    return f"{', '.join(parts)} [dim](workgroup {shown['workgroup']})[/]"
