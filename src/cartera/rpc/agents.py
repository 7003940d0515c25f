"""AgentService."""

from collections import Counter

from cartera.contract import decode
from cartera.core.caller import Caller
from cartera.core.commands import ExtendSession, SetAgentStatus
from cartera.core.events import InteractionAssigned, InteractionOffered
from cartera.core.permission import sees
from cartera.core.records import Agent, AgentPresence, Interaction, Tenant, Workgroup
from cartera.core.slots import load_of
from cartera.core.state import State
from cartera.engine.engine import Engine
from cartera.engine.submission import Outcome
from cartera.routing.v1 import agent_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.reading import Fields
from cartera.rpc.resources import Resources
from cartera.rpc.submission import submit
from cartera.store.reads import Snapshot


class AgentServicer:
    """Manages agents and their presence."""

    def __init__(self, engine: Engine, resources: Resources) -> None:
        self._engine = engine
        self._resources = resources

    async def SetAgentStatus(self, call: Call[pb.SetAgentStatusRequest]) -> bytes:
        command = decode(call.request, SetAgentStatus)

        def respond(state: State, outcome: Outcome) -> bytes:
            given = (
                state.get(Interaction, event.interaction_id)
                for event in outcome.events
                if isinstance(event, InteractionAssigned | InteractionOffered) and event.agent_id == command.agent_id
            )
            seen = tuple([each for each in given if each and _is_seen(state, call.caller, each)])
            presence = state.get(AgentPresence, command.agent_id)
            return call.answer(revision=outcome.revision, presence=presence, assigned=seen)

        return await submit(self._engine, call, command, respond)

    async def ExtendSession(self, call: Call[pb.ExtendSessionRequest]) -> bytes:
        command = decode(call.request, ExtendSession)

        def respond(state: State, outcome: Outcome) -> bytes:
            return call.answer(revision=outcome.revision, presence=state.get(AgentPresence, command.agent_id))

        return await submit(self._engine, call, command, respond)

    async def CreateAgent(self, call: Call[pb.CreateAgentRequest]) -> bytes:
        return await self._resources.create(call, Agent)

    async def UpdateAgent(self, call: Call[pb.UpdateAgentRequest]) -> bytes:
        return await self._resources.update(call, Agent)

    async def DeleteAgent(self, call: Call[pb.DeleteAgentRequest]) -> bytes:
        return await self._resources.delete(call, Agent)

    async def GetAgent(self, call: Call[pb.GetAgentRequest]) -> bytes:
        return await self._resources.get(call, Agent, _presence_and_units)

    async def ListAgents(self, call: Call[pb.ListAgentsRequest]) -> bytes:
        return await self._resources.page(call, Agent, also=_presences)


def _is_seen(state: State, caller: Caller, interaction: Interaction) -> bool:
    """Whether who says that an agent has come may know what the agent was given at once."""
    return sees(caller, interaction, state.get(Workgroup, interaction.workgroup_id))


def _presence_and_units(snapshot: Snapshot, agent: Agent) -> Fields:
    presence = snapshot.get(AgentPresence, (agent.agent_id,)) or AgentPresence(agent.agent_id)
    tenant = snapshot.get(Tenant, ())
    held = list(Counter(snapshot.held(agent.agent_id)).elements())
    load = load_of(agent, tenant.channel_rules if tenant else (), held)
    return {"presence": presence, "units_in_use": load.units}


def _presences(snapshot: Snapshot, agents: tuple[Agent, ...]) -> Fields:
    """One presence for each agent, in the same order; who was never connected is offline."""
    ids = [agent.agent_id for agent in agents]
    found = snapshot.page(AgentPresence, where={"agent_id": ids}, limit=len(ids)).records if ids else []
    presences = {presence.agent_id: presence for presence in found}
    return {"presences": [presences.get(agent_id) or AgentPresence(agent_id) for agent_id in ids]}
