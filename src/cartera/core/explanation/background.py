"""Background: what was so when an interaction entered its campaign, and when it was last told whom it belongs to. It is
noted on the way, since it may have changed by the time of the decision.
"""

from datetime import datetime
from typing import Any, NamedTuple

from cartera.core import events
from cartera.core.belonging import remembered_agent, sticky_portfolio
from cartera.core.change import Change
from cartera.core.events import Event
from cartera.core.explanation.decisions import concerns
from cartera.core.explanation.records import InteractionEntry, TriggerRun
from cartera.core.hours import is_open
from cartera.core.records import Campaign, ExclusiveAgent, Interaction, Trigger
from cartera.core.state import State
from cartera.core.vocabulary import EntryHours, NotAsked, OutsideHours


class Background(NamedTuple):
    """How an interaction entered its campaign, and why it belongs to no exclusive agent, owner or last agent, where it
    doesn't.
    """

    entry: InteractionEntry | None = None
    without_exclusive_agent: NotAsked = NotAsked.NO_EXCLUSIVE_AGENT
    without_owner: NotAsked = NotAsked.NO_PORTFOLIO
    without_last_agent: NotAsked = NotAsked.NO_LAST_AGENT


_ENTRIES = (events.InteractionArrived, events.InteractionTransferredToCampaign)
_BELONGS_ANEW = (*_ENTRIES, events.InteractionReturned, events.InteractionRerouted)


def witness(background: Background, interaction_id: str, state: State, event: Event, change: Change) -> Background:
    """What is known after an event, which the state has not evolved yet."""
    if not concerns(event, interaction_id):
        return background
    if isinstance(event, _ENTRIES):
        background = background._replace(entry=_entry(state, event.interaction, change))
    if isinstance(event, _BELONGS_ANEW):
        return _belonging(background, state, event, change.occurred_at)
    if isinstance(event, events.InteractionTransferredToWorkgroup):
        nobody = NotAsked.BELONGS_TO_NOBODY
        return Background(background.entry, nobody, nobody, nobody)
    return background


def _belonging(background: Background, state: State, event: Any, at: datetime) -> Background:
    """Asked as `belong` asks; whoever transferred it to a campaign passes it on (T2)."""
    transferred = isinstance(event, events.InteractionTransferredToCampaign)
    passed_on_by = event.from_agent_id if transferred else ""
    portfolio = sticky_portfolio(state, event.interaction, passed_on_by, at)
    agent = remembered_agent(state, event.interaction, passed_on_by)
    return Background(
        background.entry,
        without_owner=portfolio if isinstance(portfolio, NotAsked) else NotAsked.UNSPECIFIED,
        without_last_agent=agent if isinstance(agent, NotAsked) else NotAsked.UNSPECIFIED,
    )


def _entry(state: State, interaction: Interaction, change: Change) -> InteractionEntry:
    campaign = state.get(Campaign, interaction.campaign_id)
    found = (state.get(Trigger, each) for each in interaction.trigger_ids)
    return InteractionEntry(
        revision=change.revision,
        entered_at=change.occurred_at,
        campaign_id=interaction.campaign_id,
        workgroup_id=interaction.workgroup_id,
        priority=interaction.priority,
        priority_line=campaign is not None and _is_priority_line(campaign, interaction),
        hours=_hours(state, campaign, interaction.contact_id, change.occurred_at),
        opens_at=interaction.state_until,
        triggers=tuple(TriggerRun(each.trigger_id, each.name, each.etag, each.actions) for each in found if each),
    )


def _is_priority_line(campaign: Campaign, interaction: Interaction) -> bool:
    at = (interaction.channel, interaction.address)
    return any(each.priority_line for each in campaign.addresses if (each.channel, each.address) == at)


def _hours(state: State, campaign: Campaign | None, contact_id: str, at: datetime) -> EntryHours:
    """How it met the campaign's business hours (C12)."""
    hours = campaign.hours if campaign else None
    if campaign is None or hours is None:
        return EntryHours.ALWAYS_OPEN
    if is_open(hours, at):
        return EntryHours.OPEN
    if state.get(ExclusiveAgent, contact_id, campaign.campaign_id):
        return EntryHours.NOT_BOUND
    return EntryHours.OTHER_WORKGROUP if hours.outside is OutsideHours.WORKGROUP else EntryHours.HELD
