"""Presence (C3) and sessions (C4)."""

from datetime import timedelta

import pytest

from cartera.core.commands import ExtendSession, SetAgentStatus, UpdateResource
from cartera.core.events import (
    AgentSessionAlerted,
    AgentSessionExtended,
    AgentStatusChanged,
    InteractionAssigned,
)
from cartera.core.records import Agent, AgentPresence, Tenant
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, Channel, ErrorReason, InteractionState, Priority
from tests.core.specification import START, agent_actor, given, tables
from tests.core.tenants import call, chat, goes_offline, goes_online, online, pauses, ventas

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def status_of(story, agent_id="ana"):
    return story.get(AgentPresence, agent_id).status


@pytest.mark.req("C3")
def test_status_is_set():
    """SetAgentStatus says that an agent is ONLINE, PAUSED with a reason code, or OFFLINE, and since when."""
    story = given(ventas("ana")).when(goes_online("ana", Channel.CHAT), by=agent_actor("ana"))
    story.when(pauses("ana", "almuerzo"), after=MINUTE)
    presence = story.get(AgentPresence, "ana")
    assert (presence.status, presence.reason_code, presence.status_since) == (
        AgentStatus.PAUSED,
        "almuerzo",
        START + MINUTE,
    )
    story.when(goes_offline("ana"), after=MINUTE)
    assert story.get(AgentPresence, "ana")[:4] == ("ana", AgentStatus.OFFLINE, "", ())


@pytest.mark.req("C3")
def test_same_status_changes_nothing():
    """Setting the status that an agent has changes nothing; other channels are a change."""
    story = given(ventas("ana")).when(goes_offline("ana")).then()
    story.when(goes_online("ana"))
    story.when(goes_online("ana"), after=MINUTE).then()
    story.when(goes_online("ana", Channel.CHAT)).then(AgentStatusChanged)


@pytest.mark.req("C3")
def test_pause_needs_a_reason_code():
    """A pause without a reason code is refused."""
    given(ventas("ana")).rejects(pauses("ana", ""), (ErrorReason.REASON_CODE_REQUIRED, "reason_code"))


@pytest.mark.req("C3")
def test_channel_that_the_agent_does_not_handle():
    """A status for channels that the agent does not handle is refused, with all that is wrong."""
    story = given(ventas(), Agent("ana", channels=(Channel.CHAT,)))
    lacks = (ErrorReason.AGENT_LACKS_CHANNEL, "agent/ana")
    command = SetAgentStatus("ana", AgentStatus.PAUSED, "", (Channel.CHAT, Channel.VOICE, Channel.EMAIL))
    story.rejects(command, (ErrorReason.REASON_CODE_REQUIRED, "reason_code"), lacks, lacks)
    assert [each.data.get("channel") for each in story.violations] == [None, "VOICE", "EMAIL"]


@pytest.mark.req("C3")
def test_agent_sets_its_own_status():
    """An agent sets and extends its own presence only; an administrator everybody's."""
    story = given(ventas("ana", "bruno"))
    denied = (ErrorReason.PERMISSION_DENIED, "agent/bruno")
    story.rejects(goes_online("bruno"), denied, by=agent_actor("ana"))
    story.rejects(ExtendSession("bruno"), denied, by=agent_actor("ana"))
    story.when(goes_online("bruno")).then(AgentStatusChanged)
    story.rejects(goes_online("nadie"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie"))


@pytest.mark.req("C3", "C6", "C7")
def test_coming_online_draws_what_waits():
    """Going ONLINE at once draws eligible waiting interactions, in order, up to the capacity."""
    story = given(ventas("ana", capacity=2, queue_when_nobody_online=True))
    story.when(chat("c1"), call("c2"), chat("c3"), chat("c4", priority=Priority.HIGH))
    story.when(goes_online("ana", Channel.CHAT)).then(AgentStatusChanged, InteractionAssigned, InteractionAssigned)
    assert [each.interaction_id for each in story.events[1:]] == [story.id_of("c4"), story.id_of("c1")]


@pytest.mark.req("C3")
@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.VOICE])
def test_online_for_some_channels(channel):
    """An agent gets interactions of the channels that its status holds for."""
    story = given(ventas("ana", capacity=2), online("ana", channels=(channel,))).when(chat("c1"), call("c2"))
    expected = ["ana", ""] if channel is Channel.CHAT else ["", "ana"]
    assert [story.holder("c1"), story.holder("c2")] == expected


@pytest.mark.req("C4")
def test_session_ends():
    """After 12 h the agent is disconnected; 30 min before, there is an alert."""
    story = given(ventas("ana")).when(goes_online("ana"))
    assert story.state.deadlines.first()[0] == START + 11.5 * HOUR
    story.passes(11.5 * HOUR).then(AgentSessionAlerted("ana", START + 12 * HOUR))
    assert status_of(story) is AgentStatus.ONLINE
    story.passes(0.5 * HOUR).then(AgentStatusChanged)
    assert (status_of(story), story.events[0].session_limit_reached) == (AgentStatus.OFFLINE, True)
    assert story.get(AgentPresence, "ana").session_started_at is None


@pytest.mark.req("C4")
def test_pause_is_no_break():
    """The time goes on over pauses; going offline ends it, and coming back begins it anew."""
    story = given(ventas("ana")).when(goes_online("ana")).when(pauses("ana"), after=HOUR)
    story.when(goes_online("ana"), after=HOUR)
    assert story.get(AgentPresence, "ana").session_ends_at == START + 12 * HOUR
    story.when(goes_offline("ana")).when(pauses("ana"), after=HOUR)
    assert story.get(AgentPresence, "ana").session_ends_at == START + 15 * HOUR
    story.passes(12 * HOUR)
    assert status_of(story) is AgentStatus.OFFLINE


@pytest.mark.req("C4")
def test_session_is_extended():
    """ExtendSession starts the time anew, with its alert, before the alert and after it."""
    story = given(ventas("ana")).when(goes_online("ana"))
    story.when(ExtendSession("ana"), after=HOUR).then(AgentSessionExtended)
    assert story.get(AgentPresence, "ana").session_ends_at == START + 13 * HOUR
    story.passes(11.5 * HOUR).then(AgentSessionAlerted)
    story.when(ExtendSession("ana"), by=agent_actor("ana")).passes(11 * HOUR)
    assert status_of(story) is AgentStatus.ONLINE
    story.passes(0.5 * HOUR).then(AgentSessionAlerted)


@pytest.mark.req("C4")
def test_no_session_to_extend():
    """An agent who is not connected has no session to extend."""
    story = given(ventas("ana"))
    refusal = (ErrorReason.AGENT_HAS_NO_SESSION, "agent/ana")
    story.rejects(ExtendSession("ana"), refusal).when(goes_online("ana"), goes_offline("ana"))
    story.rejects(ExtendSession("ana"), refusal)


@pytest.mark.req("C4")
def test_tenant_sets_the_limit():
    """The limit and the alert are the tenant's settings."""
    story = given(ventas("ana")).when(
        UpdateResource(Tenant("Clínica Sol", session_limit=4 * HOUR, session_alert=10 * MINUTE))
    )
    story.when(goes_online("ana"))
    presence = story.get(AgentPresence, "ana")
    assert (presence.session_alert_at, presence.session_ends_at) == (START + 4 * HOUR - 10 * MINUTE, START + 4 * HOUR)


@pytest.mark.req("C4")
def test_alert_longer_than_the_limit():
    """An alert that would come before the session comes at its beginning, once."""
    story = given(ventas("ana")).when(UpdateResource(Tenant("Clínica Sol", session_limit=MINUTE, session_alert=HOUR)))
    story.when(goes_online("ana")).then(AgentStatusChanged, AgentSessionAlerted)


@pytest.mark.req("C4")
def test_session_survives_a_restart():
    """A state loaded from the records has the same timers."""
    story = given(ventas("ana")).when(goes_online("ana"))
    loaded = State()
    loaded.load_tenant(record for table in tables(story.state).values() for record in table.values())
    assert loaded.deadlines.first() == story.state.deadlines.first()


@pytest.mark.req("C4", "C1")
def test_open_work_at_the_end_of_the_session():
    """An agent who is disconnected keeps what it holds and is given no more."""
    story = given(ventas("ana", capacity=2)).when(goes_online("ana"), chat("c1")).passes(12 * HOUR).when(chat("c2"))
    assert story.holder("c1") == "ana"
    assert story.interaction("c2").state is InteractionState.UNASSIGNED
