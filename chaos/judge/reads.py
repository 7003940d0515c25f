"""What reads must show: the state at their revision."""

from collections.abc import Callable, Iterable
from typing import Any

from cartera.core.audience import OPEN
from cartera.core.queue import queue_position
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ExclusiveAgent,
    Interaction,
    InteractionView,
    PortfolioContact,
    Workgroup,
)
from chaos.judge.answers import Fields, Scene

PAGE = 100
"""How much a page has where nothing is asked."""

Read = Callable[[Scene, Any, Any], Fields]
"""The state, the request and the response give the fields to expect."""


def _get_interaction(scene: Scene, request: Any, response: Any) -> Fields:
    interaction = scene.state.get(Interaction, request.interaction_id)
    if interaction is None:
        return {}
    # It left the queue while it was asked for: then its place there is not told.
    asked = response.HasField("queue_position")
    position = queue_position(scene.state, interaction, scene.at) if asked else None
    return {"view": _view(scene, interaction), "queue_position": position}


def _list_interactions(scene: Scene, request: Any, response: Any) -> Fields:
    found = [each for each in _candidates(scene, request) if _passes(each, request)]
    found.sort(key=lambda each: each.sequence, reverse=True)
    shown = found[: request.page_size or PAGE]
    # What a token holds is the service's own business; that there is one is not.
    token = response.next_page_token if len(found) > len(shown) else ""
    return {"views": tuple(_view(scene, each) for each in shown), "next_page_token": token}


def _candidates(scene: Scene, request: Any) -> Iterable[Interaction]:
    table = scene.state.table(Interaction)
    if request.states and OPEN.issuperset(request.states):
        return [table[each,] for each in scene.open]
    return table.values()


def _passes(interaction: Interaction, request: Any) -> bool:
    return (
        (not request.states or interaction.state in request.states)
        and request.agent_id in ("", interaction.agent_id)
        and request.contact_id in ("", interaction.contact_id)
        and request.workgroup_id in ("", interaction.workgroup_id)
    )


def _view(scene: Scene, interaction: Interaction) -> InteractionView:
    campaign = scene.state.get(Campaign, interaction.campaign_id) or Campaign(interaction.campaign_id)
    return InteractionView(interaction, campaign.name, campaign.project, campaign.client)


def _get_agent(scene: Scene, request: Any, _response: Any) -> Fields:
    return {
        "agent": scene.state.get(Agent, request.agent_id),
        "presence": _presence(scene, request.agent_id),
        "units_in_use": scene.state.units_in_use(request.agent_id),
    }


def _list_agents(scene: Scene, request: Any, _response: Any) -> Fields:
    agents = sorted(scene.state.table(Agent).values(), key=lambda each: each.agent_id)[: request.page_size or PAGE]
    presences = tuple(_presence(scene, each.agent_id) for each in agents)
    return {"agents": tuple(agents), "presences": presences, "next_page_token": ""}


def _presence(scene: Scene, agent_id: str) -> AgentPresence:
    return scene.state.get(AgentPresence, agent_id) or AgentPresence(agent_id)


def _list_portfolio_contacts(scene: Scene, request: Any, _response: Any) -> Fields:
    places = scene.state.table(PortfolioContact).values()
    within = sorted(each for each in places if each.portfolio_id == request.portfolio_id)
    return {"portfolio_contacts": tuple(within[: request.page_size or PAGE]), "next_page_token": ""}


def _get_contact(scene: Scene, request: Any, _response: Any) -> Fields:
    exclusive: Iterable[ExclusiveAgent] = scene.state.table(ExclusiveAgent).values()
    own = sorted(each for each in exclusive if each.contact_id == request.contact_id)
    return {
        "contact": scene.state.get(Contact, request.contact_id),
        "portfolio_contact": scene.state.get(PortfolioContact, request.contact_id),
        "exclusive_agents": tuple(own),
    }


def _get_workgroup(scene: Scene, request: Any, _response: Any) -> Fields:
    return {"workgroup": scene.state.get(Workgroup, request.workgroup_id)}


READS: dict[str, Read] = {
    "GetInteraction": _get_interaction,
    "ListInteractions": _list_interactions,
    "GetAgent": _get_agent,
    "ListAgents": _list_agents,
    "ListPortfolioContacts": _list_portfolio_contacts,
    "GetContact": _get_contact,
    "GetWorkgroup": _get_workgroup,
}
"""What each of these shows, besides its revision."""
