"""Candidates: who could have been chosen at a step, by what they were compared, and why the others were left out."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from cartera.core.availability import channels_handled, channels_online, is_cooling_down
from cartera.core.explanation.records import ComparedKey, ExplainedCandidate, LeftOutCount
from cartera.core.methods.method import NEVER, Entry, Pool, Rank
from cartera.core.records import Agent, AgentPresence, Interaction
from cartera.core.skills import Need, lacking, need_of, profile_of, score
from cartera.core.slots import Room, room_of
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, ComparisonKey, LeftOut

_NOT_ONLINE = {AgentStatus.PAUSED: LeftOut.PAUSED}


class Terms(NamedTuple):
    """What a step asks of its candidates, beside room and not cooling down."""

    online: bool
    """To be online for the channel; otherwise whether they handle it is asked, unless `any_channel`."""
    need: Need = ()
    """The skills that the interaction demands of them."""
    chosen: Sequence[str] | None = None
    """To be among these."""
    any_channel: bool = False


class Considered(NamedTuple):
    """The candidates of a step, with how they came out."""

    agent_ids: Sequence[str]
    """All of them, in the order of their positions."""
    terms: Terms
    pool: Pool
    agent_id: str = ""
    """Who was chosen."""


class Told(NamedTuple):
    """What a step's candidates have to tell."""

    candidates: tuple[ExplainedCandidate, ...]
    left_out: tuple[LeftOutCount, ...]
    runner_up_agent_id: str
    decided_by: ComparisonKey


class Inspection:
    """Looks at the candidates of one step."""

    def __init__(self, state: State, interaction: Interaction, considered: Considered) -> None:
        self._state = state
        self._interaction = interaction
        self._considered = considered
        self._need = need_of(interaction.skills)
        pool = considered.pool
        self._best_skill = pool.method.best_skill_first and bool(self._need)
        self._ranks = {agent_id: tuple(rank) for entries in pool.lists for *rank, agent_id in entries}

    def told(self, most: int) -> Told:
        """The candidates nearest to being chosen, how many each reason left out, and what decided."""
        reasons = {agent_id: self._reasons(agent_id) for agent_id in self._considered.agent_ids}
        order = self._order(reasons, max(most, 2))
        counts = Counter(reason for each in reasons.values() for reason in each)
        candidates = tuple(self._candidate(agent_id, reasons[agent_id]) for agent_id in order)
        compared = [each for each in candidates[:2] if _is_compared(each.left_out)]
        return Told(
            candidates[:most],
            tuple(LeftOutCount(reason, counts[reason]) for reason in sorted(counts)),
            runner_up_agent_id=compared[1].agent_id if len(compared) > 1 else "",
            decided_by=_first_difference(*(each.keys for each in compared)),
        )

    # Why each was left out

    def _reasons(self, agent_id: str) -> tuple[LeftOut, ...]:
        """Every reason for which an agent was not chosen; none for who was."""
        if agent_id == self._considered.agent_id:
            return ()
        if agent_id in self._ranks:
            return (LeftOut.RANKED_BEHIND,)
        agent = self._state.get(Agent, agent_id)
        if agent is None:
            return (LeftOut.AGENT_DELETED,)
        return tuple(self._obstacles(agent)) or (LeftOut.LOWER_SKILL_SCORE,)

    def _obstacles(self, agent: Agent) -> Iterator[LeftOut]:
        terms = self._considered.terms
        presence = self._state.get(AgentPresence, agent.agent_id) or AgentPresence(agent.agent_id)
        yield from self._of_presence(agent, presence)
        if self._interaction.channel not in self._state.load_of(agent.agent_id).free:
            yield from _of_room(self._room(agent))
        if is_cooling_down(presence):
            yield LeftOut.COOLING_DOWN
        if lacking(profile_of(agent.skills), terms.need):
            yield LeftOut.LACKS_SKILL
        if terms.chosen is not None and agent.agent_id not in terms.chosen:
            yield LeftOut.NOT_CHOSEN_FOR_METHOD

    def _of_presence(self, agent: Agent, presence: AgentPresence) -> Iterator[LeftOut]:
        terms, channel = self._considered.terms, self._interaction.channel
        handles = terms.any_channel or channel in channels_handled(agent)
        if terms.online and presence.status is not AgentStatus.ONLINE:
            yield _NOT_ONLINE.get(presence.status, LeftOut.OFFLINE)
        if not handles:
            yield LeftOut.LACKS_CHANNEL
        elif terms.online and presence.status is AgentStatus.ONLINE and channel not in channels_online(agent, presence):
            yield LeftOut.NOT_TAKING_CHANNEL

    def _room(self, agent: Agent) -> Room:
        tenant = self._state.tenant()
        held = [each.channel for each in self._state.held_by(agent.agent_id)]
        return room_of(agent, tenant.channel_rules if tenant else (), held, self._interaction.channel)

    # Who is nearest

    def _order(self, reasons: dict[str, tuple[LeftOut, ...]], most: int) -> list[str]:
        """Who was chosen; who would have been next, and next; then those with the fewest reasons against them."""
        alone = (self._considered.agent_id,) if self._considered.agent_id else ()
        first = dict.fromkeys((*alone, *self._picked_in_turn(most)))
        rest = [agent_id for agent_id in reasons if agent_id not in first]
        rest.sort(key=lambda each: (-self._score(each, reasons[each]), len(reasons[each])))
        return [*first, *rest][:most]

    def _picked_in_turn(self, most: int) -> Iterator[str]:
        """Whom the method would pick, one after another."""
        pool = self._considered.pool
        entries: list[Entry] = sorted(entry for each in pool.lists for entry in each)
        while entries and most > 0:
            entry = pool.method.pick(entries, pool.turn)
            del entries[bisect_left(entries, entry)]
            most -= 1
            yield entry[-1]

    def _score(self, agent_id: str, reasons: tuple[LeftOut, ...]) -> int:
        """The skill score of who was compared by it and lost; -1 for who was not."""
        if reasons != (LeftOut.LOWER_SKILL_SCORE,):
            return -1
        agent = self._state.get(Agent, agent_id)
        return score(profile_of(agent.skills), self._need) if agent else -1

    # How each stood

    def _candidate(self, agent_id: str, reasons: tuple[LeftOut, ...]) -> ExplainedCandidate:
        agent = self._state.get(Agent, agent_id)
        if agent is None:
            return ExplainedCandidate(agent_id, reasons)
        presence = self._state.get(AgentPresence, agent_id) or AgentPresence(agent_id)
        room = self._room(agent)
        return ExplainedCandidate(
            agent_id=agent_id,
            left_out=reasons,
            keys=tuple(self._keys(agent)) if _is_compared(reasons) else (),
            status=presence.status,
            reason_code=presence.reason_code,
            units_in_use=room.units_in_use,
            capacity=room.capacity,
            cost=room.cost,
            held_of_channel=room.held_of_channel,
            channel_limit=room.channel_limit,
            lacking_skills=lacking(profile_of(agent.skills), self._considered.terms.need),
        )

    def _keys(self, agent: Agent) -> Iterator[ComparedKey]:
        """What an agent was compared by, in the order in which it counts."""
        pool = self._considered.pool
        if self._best_skill:
            yield ComparedKey(ComparisonKey.SKILL_SCORE, float(score(profile_of(agent.skills), self._need)))
        rank = self._ranks.get(agent.agent_id)
        if rank is None:
            return
        if pool.method.rotates:
            after = (rank[0] - pool.turn - 1) % len(self._considered.agent_ids)
            yield ComparedKey(ComparisonKey.TURN, float(after + 1))
        yield from _named(pool.method.keys, rank)


def _is_compared(reasons: Iterable[LeftOut]) -> bool:
    """Whether an agent could have been chosen."""
    return all(reason in (LeftOut.LOWER_SKILL_SCORE, LeftOut.RANKED_BEHIND) for reason in reasons)


def _of_room(room: Room) -> Iterator[LeftOut]:
    if room.blocked:
        yield LeftOut.HOLDS_EXCLUSIVE_CHANNEL
    if room.units_in_use + room.cost > room.capacity:
        yield LeftOut.NO_FREE_SLOT
    if room.channel_limit and room.held_of_channel >= room.channel_limit:
        yield LeftOut.CHANNEL_LIMIT_REACHED


def _named(keys: Iterable[ComparisonKey], rank: Rank) -> Iterator[ComparedKey]:
    """The values of a rank, each by its name. Positions are counted from 1."""
    for key, value in zip(keys, rank, strict=True):
        if isinstance(value, datetime):
            yield ComparedKey(key, time=None if value == NEVER else value)
        else:
            yield ComparedKey(key, float(value + (key is ComparisonKey.POSITION)))


def _first_difference(keys: Sequence[ComparedKey] = (), others: Sequence[ComparedKey] = ()) -> ComparisonKey:
    """The first key in which two who were compared differ."""
    pairs = zip(keys, others, strict=False)
    return next((mine.key for mine, theirs in pairs if mine != theirs), ComparisonKey.UNSPECIFIED)
