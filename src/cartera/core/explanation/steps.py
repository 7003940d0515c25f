"""Steps: the search for an agent, told step by step as the router takes them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cartera.core import selection
from cartera.core.explanation.background import Background
from cartera.core.explanation.candidates import Considered, Inspection, Terms
from cartera.core.explanation.records import ExplainedStep
from cartera.core.methods import METHODS, NOBODY, method_of
from cartera.core.methods.method import picked
from cartera.core.owners import backup_pool, owner_agents, owner_pool, owner_turn
from cartera.core.records import Interaction, Workgroup
from cartera.core.selection import Choice, Step
from cartera.core.skills import need_of
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod, NotAsked, SelectionStep

ORDER: dict[Step, SelectionStep] = {
    selection.exclusive_agent: SelectionStep.EXCLUSIVE_AGENT,
    selection.owner: SelectionStep.OWNER,
    selection.backup_owner: SelectionStep.BACKUP_OWNER,
    selection.last_agent: SelectionStep.LAST_AGENT,
    selection.own_workgroup: SelectionStep.OWN_WORKGROUP,
    selection.overflow_workgroups: SelectionStep.OVERFLOW_WORKGROUP,
}
"""The router's steps in their order, each with its name."""

_OF_OWNERS = (selection.owner, selection.backup_owner)

_NAMES = {method: name for name, method in METHODS.items()}


class Search(NamedTuple):
    """The steps that were taken, and whom they found."""

    steps: tuple[ExplainedStep, ...]
    choice: Choice | None


def search(state: State, interaction: Interaction, background: Background, most: int) -> Search:
    """Ask the router's steps in their order, with the candidates of each."""
    return _Search(state, interaction, background, most).made()


class _Search:
    """A search in the making."""

    def __init__(self, state: State, interaction: Interaction, background: Background, most: int) -> None:
        self._state = state
        self._interaction = interaction
        self._background = background
        self._most = most
        self._asked = selection.steps_of(state, interaction) if interaction.state_until is None else ()
        self._choice: Choice | None = None

    def made(self) -> Search:
        steps = tuple(told for step in ORDER for told in self._told(step))
        return Search(steps, self._choice)

    def _told(self, step: Step) -> Iterator[ExplainedStep]:
        not_asked = self._why_not(step)
        if not_asked:
            yield ExplainedStep(ORDER[step], not_asked=not_asked)
        elif step is selection.overflow_workgroups:
            for workgroup_id in self._interaction.overflow_workgroup_ids:
                yield self._of_workgroup(step, workgroup_id)
        elif step is selection.own_workgroup:
            yield self._of_workgroup(step, self._interaction.workgroup_id)
        else:
            self._choice = step(self._state, self._interaction)
            yield self._of_belonging(step, self._choice.agent_id if self._choice else "")

    # Why a step is not asked

    def _why_not(self, step: Step) -> NotAsked:
        """Why the router doesn't ask a step; UNSPECIFIED where it does."""
        if step not in self._asked:
            return self._why_left_out(step)
        return self._nobody_to_ask(step) or self._decided_before()

    def _decided_before(self) -> NotAsked:
        return NotAsked.UNSPECIFIED if self._choice is None else NotAsked.DECIDED_BEFORE

    def _nobody_to_ask(self, step: Step) -> NotAsked:
        """A step that has no candidates at all."""
        interaction = self._interaction
        if step is selection.backup_owner and not interaction.backup_agent_ids:
            return NotAsked.NO_BACKUP_AGENTS
        if step is selection.last_agent and not interaction.last_agent_id:
            return self._background.without_last_agent or NotAsked.NO_LAST_AGENT
        if step is selection.overflow_workgroups and not interaction.overflow_workgroup_ids:
            return NotAsked.NO_OVERFLOW
        return NotAsked.UNSPECIFIED

    def _why_left_out(self, step: Step) -> NotAsked:
        """Why a step is not among those of `steps_of`."""
        interaction = self._interaction
        if interaction.state_until is not None:
            return NotAsked.OUTSIDE_HOURS
        if interaction.exclusive_agent_id:
            return NotAsked.HAS_EXCLUSIVE_AGENT
        if step is selection.exclusive_agent:
            return self._background.without_exclusive_agent
        if step is not selection.overflow_workgroups and not self._is_automatic():
            return NotAsked.METHOD_MANUAL
        if step in _OF_OWNERS and not interaction.portfolio_id:
            return self._background.without_owner or NotAsked.NO_PORTFOLIO
        return self._nobody_to_ask(step) or self._decided_before() or NotAsked.OWNER_WAIT

    def _is_automatic(self) -> bool:
        workgroup = self._state.get(Workgroup, self._interaction.workgroup_id)
        return workgroup is not None and method_of(workgroup).automatic

    # What a step that is asked finds

    def _of_belonging(self, step: Step, agent_id: str) -> ExplainedStep:
        """A step that asks whom the interaction belongs to."""
        considered = _BELONGING[step](self._state, self._interaction)._replace(agent_id=agent_id)
        told = self._explained(step, considered)
        if step not in _OF_OWNERS:
            return told
        turn = owner_turn(self._state, self._interaction) if considered.pool.method.rotates else ""
        return told._replace(method=_NAMES[considered.pool.method], turn_agent_id=turn)

    def _of_workgroup(self, step: Step, workgroup_id: str) -> ExplainedStep:
        """A step that asks the members of a workgroup, by its method."""
        if self._decided_before():
            return ExplainedStep(ORDER[step], workgroup_id, not_asked=NotAsked.DECIDED_BEFORE)
        workgroup = self._state.get(Workgroup, workgroup_id)
        if workgroup is None or not method_of(workgroup).automatic:
            return ExplainedStep(ORDER[step], workgroup_id, AssignmentMethod.MANUAL, NotAsked.METHOD_MANUAL)
        method = method_of(workgroup)
        pool = selection.workgroup_pool(self._state, self._interaction, workgroup_id)
        agent_id = picked(pool)
        if agent_id:
            self._choice = Choice(agent_id, method.reason, workgroup_id)
        considered = Considered(workgroup.member_ids, self._terms(workgroup), pool, agent_id or "")
        turn = selection.turn_agent(self._state, workgroup, method, self._interaction.channel) if method.rotates else ""
        told = self._explained(step, considered)
        return told._replace(workgroup_id=workgroup_id, method=_NAMES[method], turn_agent_id=turn)

    def _terms(self, workgroup: Workgroup) -> Terms:
        """What a workgroup asks of its members; one that overflow added asks all to be online (C11)."""
        chosen = method_of(workgroup).chosen
        return Terms(
            online=chosen is None or workgroup.workgroup_id != self._interaction.workgroup_id,
            need=need_of(self._interaction.skills),
            chosen=chosen(workgroup, self._interaction.channel) if chosen else None,
        )

    def _explained(self, step: Step, considered: Considered) -> ExplainedStep:
        told = Inspection(self._state, self._interaction, considered).told(self._most)
        return ExplainedStep(
            step=ORDER[step],
            agent_id=considered.agent_id,
            candidate_count=len(considered.agent_ids),
            **told._asdict(),
        )


def _exclusive_agent(_state: State, interaction: Interaction) -> Considered:
    return Considered((interaction.exclusive_agent_id,), Terms(online=False, any_channel=True), NOBODY)


def _owners(state: State, interaction: Interaction) -> Considered:
    return Considered(owner_agents(state, interaction), Terms(online=True), owner_pool(state, interaction))


def _backup_owners(state: State, interaction: Interaction) -> Considered:
    return Considered(interaction.backup_agent_ids, Terms(online=True), backup_pool(state, interaction))


def _last_agent(_state: State, interaction: Interaction) -> Considered:
    return Considered((interaction.last_agent_id,), Terms(online=False), NOBODY)


_BELONGING: dict[Step, Callable[[State, Interaction], Considered]] = {
    selection.exclusive_agent: _exclusive_agent,
    selection.owner: _owners,
    selection.backup_owner: _backup_owners,
    selection.last_agent: _last_agent,
}
