"""What the one write path promises its callers."""

import asyncio
import time
from typing import Any

import pytest

from cartera.contract import encode_change
from cartera.core.change import Change
from cartera.core.commands import (
    AddToOwnPortfolio,
    AssignPortfolio,
    ClaimInteraction,
    CreateResource,
    DeleteResource,
    RouteInteraction,
    SetAgentStatus,
)
from cartera.core.records import Contact, Portfolio
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import AgentStatus, Channel, ErrorReason
from cartera.engine import gathering
from cartera.engine.errors import DeadlinePassed, Draining, QueueFull, RequestIdReused
from cartera.engine.verify import verify
from cartera.store.open import open_store
from tests.engine.floor import TENANT, HeldClock, Replica, replica, revision_of


async def refused(awaited: Any) -> ErrorReason:
    """The first reason for which a call is refused."""
    with pytest.raises(Rejected) as rejected:
        await awaited
    return rejected.value.violations[0].reason


@pytest.mark.req("G2")
async def test_a_retry_gets_the_first_answer(database_url: str) -> None:
    """The same request under the same id gets the same answer and takes no second slot, also after a restart."""
    async with replica(database_url) as first:
        await first.prepare("ana")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        answer = await first.route("caller", **asked)
        assert await first.route("caller", **asked) == answer
        assert await first.held_by("ana") == 1
    async with replica(database_url) as second:
        assert await second.route("caller", **asked) == answer
        assert await second.held_by("ana") == 1


@pytest.mark.req("G2")
async def test_duplicates_at_once_are_one_request(database_url: str) -> None:
    """Twenty copies of one request on two replicas are carried out once."""
    async with replica(database_url) as first, replica(database_url) as second:
        await first.prepare("ana")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        copies = [each.route("caller", **asked) for each in (first, second) * 10]
        assert len(set(await asyncio.gather(*copies))) == 1
        assert await second.held_by("ana") == 1


@pytest.mark.req("G2")
async def test_another_request_under_the_same_id_is_refused(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        await engine.route(request_id="r1", fingerprint=b"one")
        with pytest.raises(RequestIdReused):
            await engine.route(request_id="r1", fingerprint=b"another")


@pytest.mark.req("G2")
async def test_a_request_that_changed_nothing_is_remembered(database_url: str) -> None:
    """An agent who is online already and says so again: the retry of that, sent late, doesn't bring it back online."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        asked = {"request_id": "r1", "fingerprint": b"same"}
        revision = await engine.do(SetAgentStatus("ana", AgentStatus.ONLINE), **asked)
        await engine.do(SetAgentStatus("ana", AgentStatus.OFFLINE))
        assert await engine.do(SetAgentStatus("ana", AgentStatus.ONLINE), **asked) == revision
        assert await refused(engine.do(ClaimInteraction("ana"))) is ErrorReason.AGENT_NOT_ONLINE


@pytest.mark.req("C1", "G5")
async def test_replicas_never_exceed_capacity(database_url: str) -> None:
    """Routes at once on two replicas, at four free slots: four are held, and the log and the rows agree."""
    async with replica(database_url) as first, replica(database_url) as second:
        await first.prepare("ana", "carlos")
        await asyncio.gather(*(each.route() for each in (first, second) * 20))
        assert [await second.held_by(agent_id) for agent_id in ("ana", "carlos")] == [2, 2]
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("M9", "G5")
async def test_replicas_give_one_interaction_to_one_claimant(database_url: str) -> None:
    """Claims of one interaction at once on two replicas: one owner, the others are refused with a typed reason."""
    async with replica(database_url) as first, replica(database_url) as second:
        await first.prepare("ana", "carlos")
        interaction_id = await first.route(campaign_id="counter")
        claims = [
            each.do(ClaimInteraction(agent_id, interaction_id))
            for each, agent_id in ((first, "ana"), (second, "carlos")) * 5
        ]
        results = await asyncio.gather(*claims, return_exceptions=True)
        refusals = [each.violations[0].reason for each in results if isinstance(each, Rejected)]
        assert refusals == [ErrorReason.INTERACTION_NOT_WAITING] * 9
        assert sorted([await second.held_by(agent_id) for agent_id in ("ana", "carlos")]) == [0, 1]


@pytest.mark.req("G5")
async def test_a_refusal_is_never_out_of_date(database_url: str) -> None:
    """A replica that has not seen the others' writes doesn't refuse by what it remembers."""
    async with replica(database_url) as first, replica(database_url) as second:
        await first.prepare("ana")
        held = [await second.route(), await second.route()]
        waiting = await second.route()
        assert await refused(second.do(ClaimInteraction("ana", waiting))) is ErrorReason.AGENT_AT_CAPACITY
        await first.do(SetAgentStatus("ana", AgentStatus.PAUSED, "break"))
        await first.complete(held[0])
        await first.do(SetAgentStatus("ana", AgentStatus.ONLINE))
        assert await refused(second.do(ClaimInteraction("ana", waiting))) is ErrorReason.INTERACTION_NOT_WAITING


@pytest.mark.req("Z7")
async def test_validate_only_changes_nothing(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        before = await engine.engine.query(TENANT, lambda state, _now: state.revision)
        await engine.route(validate_only=True)
        after = await engine.engine.query(TENANT, lambda state, _now: (state.revision, state.changes()))
        assert after == (before, {})
        assert await engine.held_by("ana") == 0


@pytest.mark.req("G6")
async def test_a_fault_is_its_own_callers(database_url: str) -> None:
    """A command that breaks leaves the state as it was, and the commands beside it are carried out."""

    def breaks(_state: object, _outcome: object) -> bytes:
        raise ZeroDivisionError

    async with replica(database_url) as engine:
        await engine.prepare("ana")
        results = await asyncio.gather(
            engine.route(), engine.route(respond=breaks), engine.route(), return_exceptions=True
        )
        assert [type(each) for each in results] == [str, ZeroDivisionError, str]
        assert await engine.held_by("ana") == 2
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G6")
async def test_what_cannot_be_logged_is_its_own_callers(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where it breaks when all are decided already; and of the broken one no answer is remembered."""

    def encode(change: Change) -> bytes:
        if change.request_id == "broken":
            raise ZeroDivisionError
        return encode_change(change)

    async with replica(database_url) as engine:
        await engine.prepare("ana")
        with monkeypatch.context() as patch:
            patch.setattr("cartera.engine.attempt.encode_change", encode)
            results = await asyncio.gather(
                engine.route(), engine.route(request_id="broken"), engine.route(), return_exceptions=True
            )
        assert [type(each) for each in results] == [str, ZeroDivisionError, str]
        assert await engine.held_by("ana") == 2
        retried = await engine.interaction(await engine.route("marta", request_id="broken"))
        assert retried is not None
        assert retried.contact_id == "marta"
    assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G4")
async def test_a_call_whose_deadline_has_passed_is_not_begun(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        with pytest.raises(DeadlinePassed):
            await engine.route(deadline=time.monotonic() - 1)
        assert await engine.held_by("ana") == 0


@pytest.mark.req("G4")
async def test_one_tenants_flood_is_refused(database_url: str) -> None:
    """Beyond so many waiting calls a tenant is told to come back later."""
    async with replica(database_url, queue=3) as engine:
        await engine.prepare("ana")
        results = await asyncio.gather(*(engine.route() for _ in range(50)), return_exceptions=True)
        assert any(isinstance(each, QueueFull) for each in results)
        assert all(isinstance(each, str | QueueFull) for each in results)


@pytest.mark.req("G4")
async def test_a_draining_engine_takes_nothing_more(database_url: str) -> None:
    async with replica(database_url) as engine:
        await engine.prepare("ana")
    with pytest.raises(Draining):
        await engine.route()


@pytest.mark.req("P1")
async def test_a_portfolio_with_contacts_is_not_deleted(database_url: str) -> None:
    """Though none of its contacts is in memory, and though the deletion arrives in one batch with other commands."""
    async with replica(database_url) as first:
        await first.prepare()
        await first.do(CreateResource(Portfolio("norte", owner_agent_ids=("ana",))))
        await first.do(AssignPortfolio("norte", ("luis",)))
    async with replica(database_url) as second:
        results = await asyncio.gather(
            second.route(), second.do(DeleteResource(Portfolio, ("norte",))), second.route(), return_exceptions=True
        )
        assert isinstance(results[1], Rejected)
        assert results[1].violations[0].reason is ErrorReason.RESOURCE_IN_USE


@pytest.mark.req("K1", "G5")
async def test_contacts_come_back_into_memory(database_url: str) -> None:
    """With room for one contact in memory, each is found again with its portfolio when it is named."""
    async with replica(database_url, contacts=1) as engine:
        await engine.prepare("ana", "carlos")
        for contact_id in ("luis", "marta"):
            await engine.do(AddToOwnPortfolio("carlos", contact_id))
        for number in range(20):
            await engine.do(CreateResource(Contact(f"other-{number}")))
        held = [await engine.route(contact_id) for contact_id in ("luis", "marta")]
        found = [await engine.interaction(each) for each in held]
        assert [each.agent_id for each in found if each] == ["carlos", "carlos"]


@pytest.mark.req("C4", "G5")
async def test_what_falls_due_is_done_for_tenants_out_of_memory(database_url: str) -> None:
    """A session ends at its time, though the tenant left memory long ago, or was never in this replica's."""
    clock = HeldClock()
    async with replica(database_url, clock, tenants=1) as engine:
        await engine.prepare("ana")
        await engine.prepare("ana", tenant_id="other")
    async with replica(database_url, clock, tenants=1) as engine:
        clock.advance(12 * 3600)
        await engine.engine.sweep()
        for tenant_id in (TENANT, "other"):
            anybody = await engine.engine.query(
                tenant_id, lambda state, _now: state.availability.is_anybody_online("ventas", Channel.VOICE)
            )
            assert not anybody


@pytest.mark.req("K2")
async def test_time_never_runs_backwards(database_url: str) -> None:
    """A replica whose clock is behind goes on from the last event's time."""
    ahead, behind = HeldClock(), HeldClock()
    ahead.advance(3600)
    async with replica(database_url, ahead) as first, replica(database_url, behind) as second:
        await first.prepare("ana")
        arrived = await second.interaction(await second.route())
        assert arrived is not None
        assert arrived.arrived_at == ahead.now()


@pytest.mark.req("Z6")
async def test_messages_at_once_on_two_replicas_make_one_interaction(database_url: str) -> None:
    """One contact, 50 messages at once, two replicas: one interaction with 50 messages."""
    command = RouteInteraction("web", "luis", Channel.CHAT)
    async with replica(database_url) as first, replica(database_url) as second:
        await first.prepare("ana")
        await asyncio.gather(*(each.do(command, respond=revision_of) for each in (first, second) * 25))
        found = await first.engine.query(TENANT, lambda state, _now: state.open_interactions("luis"))
        assert [each.messages for each in found] == [50]


@pytest.mark.req("G5")
async def test_a_contended_tenant_is_served_by_all_replicas(database_url: str) -> None:
    """Three replicas, one tenant, many calls one after the other on each: every call is answered."""

    async def one_after_the_other(engine: Replica) -> list[str]:
        return [await engine.route() for _ in range(30)]

    async with replica(database_url) as first, replica(database_url) as second, replica(database_url) as third:
        await first.prepare("ana")
        routed = await asyncio.gather(*map(one_after_the_other, (first, second, third)))
    assert len({interaction_id for each in routed for interaction_id in each}) == 90
    assert verify(open_store(database_url), TENANT) == []


async def test_a_batch_waits_for_no_longer_than_callers_are_away(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where many call again and again, each batch begins when all of them are back."""
    longest, rounds = 1.0, 12
    async with replica(sqlite_url) as engine:
        await engine.prepare("ana")
        for name in ("GATHERED_LEAST", "GATHERED_MOST", "LONGEST"):
            monkeypatch.setattr(gathering, name, longest)

        async def again_and_again() -> None:
            for _ in range(rounds):
                await engine.route()

        began = time.monotonic()
        await asyncio.gather(*(again_and_again() for _ in range(2 * gathering.MANY)))
        assert time.monotonic() - began < longest * rounds / 2


async def test_who_waits_is_answered_before_what_nobody_waits_for(database_url: str, monkeypatch: Any) -> None:
    """To pass on what happened, and to see what is needed in memory, holds up no answer; both are done all the same."""
    async with replica(database_url) as here:
        await here.prepare("ana")
        order = []
        for of, name in ((here.engine._feed, "publish"), (here.engine._committer._shards, "settle")):
            monkeypatch.setattr(of, name, noted(getattr(of, name), order))
        await here.engine.query(TENANT, lambda _state, _now: None)
        order.append("answered")
        await here.do(CreateResource(Contact("somebody")))
        assert order == ["answered", "settle", "publish", "settle"]


def noted(method: Any, order: list[str]) -> Any:
    """The method, which says in what order it is called."""

    def call(*arguments: Any) -> Any:
        order.append(method.__name__)
        return method(*arguments)

    return call
