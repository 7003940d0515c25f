"""The core alone: how long a decision takes, by the number of agents, and of interactions that wait."""

import gc
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from statistics import median

from benchmarks.case import Case, case_of
from benchmarks.plan import Plan
from cartera.core.caller import Caller
from cartera.core.commands import ClaimInteraction, CompleteInteraction, RouteInteraction
from cartera.core.handle import handle
from cartera.core.records import (
    Actor,
    Agent,
    AgentPresence,
    Campaign,
    CampaignAddress,
    ChannelAgents,
    Disposition,
    Record,
    Tenant,
    Workgroup,
)
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, AssignmentMethod, Channel, Role

AGENTS = (10, 100, 1_000, 50_000)
FEW, MANY = "100", "50000"
METHODS = tuple(method for method in AssignmentMethod if method)
CAPACITY = 3
CONTACTS_KEPT = 50_000
GATEWAY, AGENT = Actor(Role.GATEWAY, "gateway"), Role.AGENT
BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)


def decide_us_by_agents(plan: Plan) -> Case:
    """Microseconds per decision in one workgroup of so many agents, all online, for each method."""
    medians = {}
    runs: list[float] = []
    for method in METHODS:
        times = {str(agents): times_of(partial(_attend, method, agents), plan) for agents in AGENTS}
        medians[method.name.lower()] = {agents: round(median(each), 2) for agents, each in times.items()}
        ratios = [many / few for few, many in zip(times[FEW], times[MANY], strict=True)]
        runs = max(runs, ratios, key=lambda each: median(each) if each else 0)
    against = "the same decision with 100 agents; of 50,000 agents, the method with the greatest ratio"
    return case_of("decide_us_by_agents", "x", against, runs, {f"{each} (us)": of for each, of in medians.items()})


Attend = Callable[[], int]
"""Attends an interaction, and returns how many decisions that took."""


def _attend(method: AssignmentMethod, agents: int) -> Attend:
    centre = Centre(records(method, agents), agents)
    return centre.claimed if method is AssignmentMethod.MANUAL else centre.assigned


def times_of(load: Callable[[], Attend], plan: Plan) -> list[float]:
    """Microseconds per decision, of several runs, after a warm-up."""
    # As in the service: garbage is not looked for while a tenant is loaded, nor among what was loaded, which stays.
    gc.disable()
    try:
        attend = load()
        for _ in range(plan.decisions):
            attend()
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()
    try:
        return [_time(attend, plan.decisions) for _ in range(plan.decision_runs)]
    finally:
        gc.unfreeze()


def _time(attend: Attend, interactions: int) -> float:
    """Microseconds of this thread's CPU per decision: what else the machine does is left out."""
    began = time.thread_time()
    decisions = sum(attend() for _ in range(interactions))
    return (time.thread_time() - began) / decisions * 1e6


class Centre:
    """A tenant whose interactions are attended one after another."""

    def __init__(self, loaded: list[Record], agents: int) -> None:
        self.state = State()
        self.state.load_tenant(loaded)
        self._moments = (BEGINNING + timedelta(milliseconds=each) for each in count())
        self._contacts = (f"contact-{each}" for each in count())
        self._claimants = _endless(agents)

    def assigned(self) -> int:
        """Route an interaction and complete it. Returns how many decisions that took."""
        events = self._decide(self._arrival(), GATEWAY)
        self._complete(events[0].interaction.interaction_id)
        return 2

    def claimed(self) -> int:
        """Route an interaction, claim and complete it. Returns how many decisions that took."""
        agent_id = next(self._claimants)
        events = self._decide(self._arrival(), GATEWAY)
        self._decide(ClaimInteraction(agent_id), Actor(AGENT, agent_id))
        self._complete(events[0].interaction.interaction_id)
        return 3

    def relieved(self) -> int:
        """Complete what an agent holds, so that it is given the next that waits, and let another come to wait. Returns
        how many decisions that took.
        """
        held = self.state.held_by(next(self._claimants))
        self._decide(self._arrival(), GATEWAY)
        self._complete(held[0].interaction_id)
        return 2

    def _arrival(self) -> RouteInteraction:
        return RouteInteraction("campaign", next(self._contacts), Channel.VOICE)

    def _complete(self, interaction_id: str) -> None:
        self._decide(CompleteInteraction(interaction_id, "done"), GATEWAY)
        # As the engine does once it has committed.
        self.state.accept_changes()
        self.state.forget(CONTACTS_KEPT)

    def _decide(self, command: object, actor: Actor) -> tuple:
        events = handle(self.state, command, Caller(actor), next(self._moments))
        self.state.revision += 1
        return events


def _endless(agents: int) -> Iterator[str]:
    while True:
        yield from (agent_id(each) for each in range(agents))


def agent_id(number: int) -> str:
    """An agent's id, of a length as people choose."""
    return f"agent-{number:06d}"


def records(method: AssignmentMethod, agents: int) -> list[Record]:
    """A tenant whose one workgroup has so many agents, all of them online. No two records share a text, as when they
    are loaded.
    """
    members = tuple(map(agent_id, range(agents)))
    return [
        workgroup(members, method),
        *(Agent(agent_id(each), f"Agent {each}", CAPACITY) for each in range(agents)),
        *presences(agents),
        *around("workgroup"),
    ]


def workgroup(members: tuple[str, ...], method: AssignmentMethod, workgroup_id: str = "workgroup") -> Workgroup:
    """A workgroup of those members, all of whom the methods with chosen agents choose from."""
    return Workgroup(
        workgroup_id,
        member_ids=members,
        method=method,
        queue_when_nobody_online=True,
        default_agent_ids=members,
        channel_agents=(ChannelAgents(Channel.VOICE, members),),
    )


def presences(agents: int) -> Iterator[AgentPresence]:
    """So many agents online."""
    session = {"session_started_at": BEGINNING, "session_ends_at": BEGINNING + timedelta(hours=12)}
    online = AgentPresence("", AgentStatus.ONLINE, status_since=BEGINNING, **session)
    return (online._replace(agent_id=agent_id(each)) for each in range(agents))


def around(workgroup_id: str) -> list[Record]:
    """The tenant, and the campaign that the workgroup serves."""
    address = CampaignAddress(Channel.VOICE, "+15550100")
    campaign = Campaign(
        "campaign", addresses=(address,), workgroup_ids=(workgroup_id,), dispositions=(Disposition("done"),)
    )
    return [Tenant("Bench"), campaign]
