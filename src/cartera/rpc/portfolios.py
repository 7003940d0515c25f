"""PortfolioService."""

from collections.abc import Collection

from cartera.contract import decode
from cartera.core.caller import Caller
from cartera.core.commands import (
    AddToOwnPortfolio,
    AssignPortfolio,
    HandOverPortfolios,
    RemoveExclusiveAgent,
    RemoveFromPortfolio,
    SetExclusiveAgent,
)
from cartera.core.decide.portfolios import outcome_of
from cartera.core.events import ContactAssignedToPortfolio, ContactRemovedFromPortfolio, PortfolioSaved
from cartera.core.records import Agent, ExclusiveAgent, Portfolio, PortfolioContact
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentOutcome, PortfolioState, RemovalOutcome
from cartera.engine.engine import Engine
from cartera.engine.submission import Outcome
from cartera.routing.v1 import portfolio_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading
from cartera.rpc.resources import Resources
from cartera.rpc.submission import submit
from cartera.rpc.visibility import portfolios_seen
from cartera.store.reads import Snapshot


class PortfolioServicer:
    """Manages portfolios and who belongs to whom."""

    def __init__(self, engine: Engine, reading: Reading, resources: Resources) -> None:
        self._engine = engine
        self._reading = reading
        self._resources = resources

    async def AssignPortfolio(self, call: Call[pb.AssignPortfolioRequest]) -> bytes:
        command = decode(call.request, AssignPortfolio)

        def respond(state: State, outcome: Outcome) -> bytes:
            return call.answer(
                revision=outcome.revision, assignments=_assignments(state, command, call.caller, outcome)
            )

        return await submit(self._engine, call, command, respond)

    async def AddToOwnPortfolio(self, call: Call[pb.AddToOwnPortfolioRequest]) -> bytes:
        command = decode(call.request, AddToOwnPortfolio)

        def respond(state: State, outcome: Outcome) -> bytes:
            place = state.get(PortfolioContact, command.contact_id)
            return call.answer(revision=outcome.revision, portfolio_contact=place)

        return await submit(self._engine, call, command, respond)

    async def RemoveFromPortfolio(self, call: Call[pb.RemoveFromPortfolioRequest]) -> bytes:
        command = decode(call.request, RemoveFromPortfolio)

        def respond(_state: State, outcome: Outcome) -> bytes:
            return call.answer(revision=outcome.revision, removals=_removals(command, outcome))

        return await submit(self._engine, call, command, respond)

    async def HandOverPortfolios(self, call: Call[pb.HandOverPortfoliosRequest]) -> bytes:
        def respond(_state: State, outcome: Outcome) -> bytes:
            saved = [event.portfolio for event in outcome.events if isinstance(event, PortfolioSaved)]
            return call.answer(revision=outcome.revision, portfolios=saved)

        return await submit(self._engine, call, decode(call.request, HandOverPortfolios), respond)

    async def ListOwnershipChanges(self, call: Call[pb.ListOwnershipChangesRequest]) -> bytes:
        asked, seen = call.request.portfolio_id, await portfolios_seen(self._reading, call)
        of = {"contact_id": call.request.contact_id, "portfolio_ids": _both(asked, seen)}
        return await self._resources.found_page(
            call, "ownership_changes", lambda snapshot, **place: snapshot.ownership_changes(**of, **place)
        )

    async def ListPortfolioReports(self, call: Call[pb.ListPortfolioReportsRequest]) -> bytes:
        return await self._resources.found_page(call, "portfolio_reports", Snapshot.portfolio_reports, Portfolio)

    async def ListAgentReports(self, call: Call[pb.ListAgentReportsRequest]) -> bytes:
        return await self._resources.found_page(call, "agent_reports", Snapshot.agent_reports, Agent)

    async def ListPortfolioContacts(self, call: Call[pb.ListPortfolioContactsRequest]) -> bytes:
        where = {"portfolio_id": call.request.portfolio_id}
        return await self._resources.page(call, PortfolioContact, where=where, within=Portfolio)

    async def SetExclusiveAgent(self, call: Call[pb.SetExclusiveAgentRequest]) -> bytes:
        command = decode(call.request, SetExclusiveAgent)

        def respond(state: State, outcome: Outcome) -> bytes:
            exclusive = state.get(ExclusiveAgent, command.contact_id, command.campaign_id)
            return call.answer(revision=outcome.revision, exclusive_agent=exclusive)

        return await submit(self._engine, call, command, respond)

    async def RemoveExclusiveAgent(self, call: Call[pb.RemoveExclusiveAgentRequest]) -> bytes:
        def respond(_state: State, outcome: Outcome) -> bytes:
            return call.answer(revision=outcome.revision)

        return await submit(self._engine, call, decode(call.request, RemoveExclusiveAgent), respond)

    async def CreatePortfolio(self, call: Call[pb.CreatePortfolioRequest]) -> bytes:
        return await self._resources.create(call, Portfolio)

    async def UpdatePortfolio(self, call: Call[pb.UpdatePortfolioRequest]) -> bytes:
        return await self._resources.update(call, Portfolio)

    async def DeletePortfolio(self, call: Call[pb.DeletePortfolioRequest]) -> bytes:
        return await self._resources.delete(call, Portfolio)

    async def GetPortfolio(self, call: Call[pb.GetPortfolioRequest]) -> bytes:
        return await self._resources.get(call, Portfolio)

    async def ListPortfolios(self, call: Call[pb.ListPortfoliosRequest]) -> bytes:
        where = {"state": PortfolioState.ACTIVE} if call.request.assignable_only else {}
        return await self._resources.page(call, Portfolio, where=where)


def _both(asked: str, seen: Collection[str] | None) -> Collection[str] | None:
    """The portfolios that are asked for, as far as they are seen. None: any."""
    if not asked:
        return seen
    return [asked] if seen is None or asked in seen else []


def _assignments(
    state: State, command: AssignPortfolio, caller: Caller, outcome: Outcome
) -> list[dict[str, str | AssignmentOutcome]]:
    """What became of each contact: who was moved stands in the events, the rest can still be asked."""
    moved_from = {
        event.portfolio_contact.contact_id: event.previous_portfolio_id
        for event in outcome.events
        if isinstance(event, ContactAssignedToPortfolio) and event.previous_portfolio_id
    }
    assignments: list[dict[str, str | AssignmentOutcome]] = []
    for contact_id in command.contact_ids:
        became, other = outcome_of(state, command, contact_id, caller, outcome.occurred_at)
        if contact_id in moved_from:
            became, other = AssignmentOutcome.MOVED, moved_from[contact_id]
        assignments.append({"contact_id": contact_id, "outcome": became, "other_portfolio_id": other})
    return assignments


def _removals(command: RemoveFromPortfolio, outcome: Outcome) -> list[dict[str, str | RemovalOutcome]]:
    removed = {event.contact_id for event in outcome.events if isinstance(event, ContactRemovedFromPortfolio)}
    return [
        {
            "contact_id": contact_id,
            "outcome": RemovalOutcome.REMOVED if contact_id in removed else RemovalOutcome.NOT_IN_PORTFOLIO,
        }
        for contact_id in command.contact_ids
    ]
