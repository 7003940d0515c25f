"""Reading interactions, with the labels of their campaigns."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cartera.core.permission import sees
from cartera.core.queue import queue_position
from cartera.core.record_tables import key_of
from cartera.core.records import Campaign, Interaction, InteractionView, QueuePosition, Workgroup
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, InteractionState, Role
from cartera.routing.v1 import routing_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.page_tokens import key_after, page_token
from cartera.rpc.reading import Fields, Reading, missing, page_size
from cartera.rpc.visibility import hidden_from
from cartera.store.reads import Snapshot

_IN_QUEUE = (InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED)


class _Seen(NamedTuple):
    """An interaction as it was at a revision."""

    revision: int
    view: InteractionView
    queue_position: QueuePosition | None = None


class Interactions:
    """Answers GetInteraction and ListInteractions."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def get(self, call: Call[pb.GetInteractionRequest]) -> bytes:
        key = (call.request.interaction_id,)

        def question(snapshot: Snapshot) -> _Seen:
            interaction = snapshot.get(Interaction, key)
            if interaction is None or not sees(call.caller, interaction, _workgroup(snapshot, interaction)):
                raise missing(Interaction, key)
            return _Seen(snapshot.revision, next(views_of(snapshot, [interaction])))

        seen = await self._reading.ask(call, question)
        if seen.view.interaction.state in _IN_QUEUE:
            seen = await self._reading.ask_state(call, _in_queue(call, seen))
        return call.answer(**seen._asdict())

    async def page(self, call: Call[pb.ListInteractionsRequest]) -> bytes:
        await self._require_member(call)
        where, after = _filters(call), key_after(call)

        def question(snapshot: Snapshot) -> Fields:
            found = snapshot.page(
                Interaction,
                after=after,
                limit=page_size(call),
                where=where,
                newest_first=True,
                hidden=hidden_from(call.caller, snapshot),
            )
            token = page_token(call, key_of(found.records[-1])) if found.more else ""
            return {"views": tuple(views_of(snapshot, found.records)), "next_page_token": token}

        return await self._reading.answer(call, question)

    async def _require_member(self, call: Call[pb.ListInteractionsRequest]) -> None:
        """An agent sees what waits in its own workgroups, to choose what to claim (M9).

        Raises:
            Rejected: PERMISSION_DENIED.

        """
        workgroup_id, agent_id = call.request.workgroup_id, call.actor.subject_id
        if call.actor.role is not Role.AGENT or not workgroup_id:
            return

        def question(state: State, _now: datetime) -> bool:
            return workgroup_id in state.availability.workgroups_of(agent_id)

        if not await self._reading.ask_state(call, question):
            raise reject(ErrorReason.PERMISSION_DENIED, f"workgroup/{workgroup_id}")


def _in_queue(call: Call[Any], seen: _Seen) -> Callable[[State, datetime], _Seen]:
    """Asks where an interaction stands in the queue of the router itself, as it was seen or has become since."""

    def question(state: State, now: datetime) -> _Seen:
        interaction = state.get(Interaction, seen.view.interaction.interaction_id)
        if interaction is None or state.revision < seen.revision:
            return seen
        if not sees(call.caller, interaction, state.get(Workgroup, interaction.workgroup_id)):
            raise missing(Interaction, (interaction.interaction_id,))
        view = _view(interaction, state.get(Campaign, interaction.campaign_id))
        return _Seen(state.revision, view, queue_position(state, interaction, now))

    return question


def _workgroup(snapshot: Snapshot, interaction: Interaction) -> Workgroup | None:
    return snapshot.get(Workgroup, (interaction.workgroup_id,))


def views_of(snapshot: Snapshot, interactions: Collection[Interaction]) -> Iterator[InteractionView]:
    """The interactions with the labels of their campaigns (T7)."""
    ids = {interaction.campaign_id for interaction in interactions}
    found = snapshot.page(Campaign, where={"campaign_id": ids}, limit=len(ids)) if ids else None
    campaigns = {campaign.campaign_id: campaign for campaign in found.records} if found else {}
    for interaction in interactions:
        yield _view(interaction, campaigns.get(interaction.campaign_id))


def _view(interaction: Interaction, campaign: Campaign | None) -> InteractionView:
    campaign = campaign or Campaign(interaction.campaign_id)
    return InteractionView(interaction, campaign.name, campaign.project, campaign.client)


def _filters(call: Call[pb.ListInteractionsRequest]) -> dict[str, object]:
    request = call.request
    where: dict[str, object] = {
        "agent_id": _agent_filter(call),
        "contact_id": request.contact_id,
        "workgroup_id": request.workgroup_id,
        "state": tuple(map(InteractionState, request.states)),
    }
    return {field: value for field, value in where.items() if value}


def _agent_filter(call: Call[pb.ListInteractionsRequest]) -> str:
    """An agent lists its own interactions (T7), those of its workgroups (M9), and those of a contact, whose history it
    may know (T5).
    """
    asked = call.request.agent_id
    if call.actor.role is not Role.AGENT or call.request.contact_id or call.request.workgroup_id:
        return asked
    if asked not in ("", call.actor.subject_id):
        raise reject(ErrorReason.PERMISSION_DENIED, f"agent/{asked}")
    return call.actor.subject_id
