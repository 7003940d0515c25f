"""What happens seldom, one case after the other. Each is a promise, and yields where it is broken."""

import signal
from collections.abc import Callable, Iterator

from cartera.client import Client
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from cartera.routing.v1.interaction_pb2 import Interaction, InteractionState

from trial import control
from trial.floor import Floor
from trial.programs import VOICE, Program, Stage, wait_until

ASKED = "+34910000300"
TOLD = "+34910000400"
NOBODYS = "+34910000999"

COMPLETED = InteractionState.INTERACTION_STATE_COMPLETED
CANCELLED = InteractionState.INTERACTION_STATE_CANCELLED

SOON_SECONDS = 20

Broken = Iterator[str]


class Cases:
    """Three agents: silent lets every call ring, quick answers, busy declines. All are offline between two cases."""

    def __init__(self, stage: Stage, floor: Floor, client: Client, kamailio: Program) -> None:
        self._stage = stage
        self._floor = floor
        self._client = client
        self._kamailio = kamailio
        self._contacts = 0

    def all(self) -> Iterator[tuple[str, Broken]]:
        self._stage.command(
            "--address", self._stage.cartera_address, "apply", "-f", str(VOICE / "trial" / "cases.yaml")
        )
        self._floor.install({"silent": "ignore", "quick": "answer", "busy": "decline"})
        cases: tuple[Callable[[], Broken], ...] = (
            self.who_hangs_up_while_a_phone_rings_is_cancelled,
            self.an_offer_that_is_withdrawn_stops_ringing,
            self.what_was_assigned_and_not_answered_goes_to_another,
            self.a_number_that_nobody_has_is_not_found,
            self.a_full_queue_is_busy,
            self.a_conversation_outlives_kamailio,
        )
        for case in cases:
            yield case.__name__.replace("_", " "), case()

    def who_hangs_up_while_a_phone_rings_is_cancelled(self) -> Broken:
        self._online("silent")
        caller, contact = self._call(ASKED, "hesitant")
        yield from self._ended(caller)
        yield from self._expect(contact, CANCELLED, "silent")
        self._offline("silent")

    def an_offer_that_is_withdrawn_stops_ringing(self) -> Broken:
        self._online("silent")
        caller, contact = self._call(ASKED, "caller")
        self._wait_for("ringing")
        self._online("quick")
        self._offline("silent")
        yield from self._ended(caller)
        yield from self._expect(contact, COMPLETED, "quick")
        self._offline("quick")

    def what_was_assigned_and_not_answered_goes_to_another(self) -> Broken:
        self._online("busy")
        caller, contact = self._call(TOLD, "caller")
        wait_until(lambda: self._status("busy") == AGENT_STATUS_PAUSED, "the pause of who didn't answer")
        self._online("quick")
        yield from self._ended(caller)
        yield from self._expect(contact, COMPLETED, "quick")
        self._offline("quick", "busy")

    def a_number_that_nobody_has_is_not_found(self) -> Broken:
        caller, contact = self._call(NOBODYS, "refused", replacing=('"503"', '"404"'))
        yield from self._ended(caller)
        if self._interactions(contact):
            yield "it was routed"

    def a_full_queue_is_busy(self) -> Broken:
        waits, contact = self._call(TOLD, "caller")
        self._wait_for("waiting")
        refused, _ = self._call(TOLD, "refused", replacing=('"503"', '"486"'))
        yield from self._ended(refused)
        self._online("quick")
        yield from self._ended(waits)
        yield from self._expect(contact, COMPLETED, "quick")
        self._offline("quick")

    def a_conversation_outlives_kamailio(self) -> Broken:
        """Who waits does not: its INVITE was the dead Kamailio's."""
        self._online("quick")
        talks, talking = self._call(ASKED, "caller", replacing=('timeout="250"', 'timeout="6000"'))
        self._wait_for("talking")
        waits, waiting = self._call(ASKED, "caller")
        self._wait_for("waiting")
        self._kamailio.end(signal.SIGKILL)
        self._stage.kamailio()
        yield from self._expect(waiting, CANCELLED, "")
        yield from self._ended(talks)
        yield from self._expect(talking, COMPLETED, "quick")
        waits.end(signal.SIGKILL)
        self._offline("quick")

    def _online(self, agent: str) -> None:
        self._client.agents.SetAgentStatus(agent_id=agent, status=AGENT_STATUS_ONLINE)

    def _offline(self, *agents: str) -> None:
        for agent in agents:
            self._client.agents.SetAgentStatus(agent_id=agent, status=AGENT_STATUS_OFFLINE)

    def _status(self, agent: str) -> int:
        return self._client.agents.GetAgent(agent_id=agent).presence.status

    def _call(self, number: str, scenario: str, replacing: tuple[str, str] = ("", "")) -> tuple[Program, str]:
        """One that replaces something in its scenario is somebody else."""
        self._contacts += 1
        contact = f"+34606{self._contacts:06d}"
        return self._floor.single_call(f"case-{self._contacts}", scenario, number, contact, replacing), contact

    def _wait_for(self, phase: str) -> None:
        wait_until(lambda: control.phases(self._stage.control_port)[phase], f"a call that is {phase}", SOON_SECONDS)

    def _ended(self, caller: Program) -> Broken:
        if status := caller.process.wait():
            yield f"SIPp ended with {status}: see {caller.directory}"

    def _expect(self, contact: str, state: InteractionState.ValueType, agent: str) -> Broken:
        """Soon: the sidecar hears of it a moment after the caller."""
        wait_until(
            lambda: [each.state for each in self._interactions(contact)] == [state],
            f"the end for {contact}",
            SOON_SECONDS,
        )
        found = [each.agent_id for each in self._interactions(contact)]
        if found != [agent]:
            yield f"{contact} came to {found}, and not to {agent or 'nobody'}"

    def _states(self, contact: str) -> list[int]:
        return [each.state for each in self._interactions(contact)]

    def _interactions(self, contact: str) -> list[Interaction]:
        return [view.interaction for view in self._client.routing.ListInteractions(contact_id=contact).views]
