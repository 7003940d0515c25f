"""Explaining decisions, to whom they concern."""

from typing import Any, NamedTuple

from cartera.core.caller import Caller
from cartera.core.decide.required import subject_of
from cartera.core.explanation import CANDIDATES, Explanation
from cartera.core.explanation.records import ExplainedStep
from cartera.core.permission import manages, own_id, sees, sees_all
from cartera.core.records import Interaction, Workgroup
from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason, Role
from cartera.engine.engine import Engine
from cartera.engine.explaining import Inquiry
from cartera.routing.v1 import routing_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading, missing
from cartera.rpc.visibility import hidden_from
from cartera.store.reads import Hidden, Snapshot


class _Asked(NamedTuple):
    """The interaction that is asked about, and what is hidden from who asks."""

    revision: int
    interaction: Interaction
    hidden: Hidden


class Explanations:
    """Answers ExplainInteraction."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine = engine
        self._reading = reading

    async def explain(self, call: Call[pb.ExplainInteractionRequest]) -> bytes:
        asked = await self._reading.ask(call, lambda snapshot: _asked(call, snapshot))
        request = call.request
        explanation = await self._engine.explain(
            Inquiry(
                tenant_id=request.tenant_id,
                interaction=asked.interaction,
                revision=request.revision,
                candidates=request.max_candidates or CANDIDATES,
                deadline=call.deadline,
            )
        )
        return call.answer(revision=asked.revision, explanation=_shown(explanation, asked))


def _asked(call: Call[Any], snapshot: Snapshot) -> _Asked:
    key = (call.request.interaction_id,)
    interaction = snapshot.get(Interaction, key)
    workgroup = snapshot.get(Workgroup, (interaction.workgroup_id,)) if interaction else None
    if not sees_all(call.caller) and not (interaction and _concerns(call.caller, interaction, workgroup, snapshot)):
        raise reject(ErrorReason.PERMISSION_DENIED, subject_of(Interaction, *key))
    if interaction is None:
        raise missing(Interaction, key)
    return _Asked(snapshot.revision, interaction, hidden_from(call.caller, snapshot))


def _concerns(caller: Caller, interaction: Interaction, workgroup: Workgroup | None, snapshot: Snapshot) -> bool:
    """An explanation tells how colleagues stood: it is for the supervisors (K7) and the members of the workgroups that
    serve the interaction, and for the agent who attends it. Whoever is told that it isn't there, though it is, would
    learn by that that it is.
    """
    if own_id(caller) == interaction.agent_id != "":
        return True
    if not sees(caller, interaction, workgroup):
        return False
    overflow = (snapshot.get(Workgroup, (each,)) for each in interaction.overflow_workgroup_ids)
    return any(each is not None and _is_of(caller, each) for each in (workgroup, *overflow))


def _is_of(caller: Caller, workgroup: Workgroup) -> bool:
    return (
        manages(caller, workgroup) if caller.actor.role is Role.SUPERVISOR else own_id(caller) in workgroup.member_ids
    )


def _shown(explanation: Explanation, asked: _Asked) -> Explanation:
    """The explanation without what is hidden from who asks (Z5): it may have been under a private workgroup then.

    Raises:
        Rejected: DECISION_NOT_FOUND.

    """
    own = asked.hidden.agent_id
    concerned = own != "" and own in (explanation.agent_id, explanation.interaction.agent_id)
    if _is_hidden(explanation.interaction.workgroup_id, asked.hidden) and not concerned:
        subject = subject_of(Interaction, explanation.interaction_id)
        raise reject(ErrorReason.DECISION_NOT_FOUND, subject, revision=str(explanation.revision))
    steps = (
        _without_candidates(each) if each.workgroup_id and _is_hidden(each.workgroup_id, asked.hidden) else each
        for each in explanation.steps
    )
    return explanation._replace(steps=tuple(steps))


def _is_hidden(workgroup_id: str, hidden: Hidden) -> bool:
    """Whether what is under a workgroup is hidden."""
    return workgroup_id in hidden.workgroup_ids or (
        hidden.except_under is not None and workgroup_id not in hidden.except_under
    )


def _without_candidates(step: ExplainedStep) -> ExplainedStep:
    """A step that asked the members of a private workgroup: whom it found is known, the others aren't told."""
    return ExplainedStep(step.step, step.workgroup_id, step.method, step.not_asked, step.agent_id, step.candidate_count)
