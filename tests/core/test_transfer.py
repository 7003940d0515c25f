"""Transfers to an agent (T1) and to a campaign (T2), with a note and a disposition (T3)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    ClaimInteraction,
    CompleteInteraction,
    CreateResource,
    DeleteResource,
    SetExclusiveAgent,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionQueued,
    InteractionTransferredToAgent,
    InteractionTransferredToCampaign,
    InteractionUnassigned,
)
from cartera.core.records import (
    Agent,
    Campaign,
    CampaignAddress,
    Condition,
    Interaction,
    Note,
    TagsCondition,
    Trigger,
    TriggerActions,
)
from cartera.core.vocabulary import Channel, ErrorReason, InteractionState, Priority, RoutingReason
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given
from tests.core.tenants import (
    CHAT_ADDRESS,
    VOICE_ADDRESS,
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    pauses,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)
TO_BRUNO = Transfer("i1", agent_id="bruno", note="sigue tú")
TO_AYUDA = Transfer("i1", campaign_id="ayuda", note="es de ayuda")


def ana_attends(command=None):
    """Ana attends the interaction i1; Bruno of the same workgroup is free; so is Zoe, of another campaign."""
    story = given(
        ventas("ana", "bruno"),
        agents(zoe=1),
        workgroup("soporte", "zoe"),
        campaign("ayuda", "soporte"),
        contacts("carlos", "delia"),
        online("ana", "bruno", "zoe"),
    )
    return story.when(command or chat("carlos"))


@pytest.mark.req("T1", "T3")
def test_to_an_agent():
    """A transfer gives the interaction to the agent, with the note and the disposition "Transferencia"."""
    story = ana_attends().when(TO_BRUNO, by=agent_actor("ana"), after=MINUTE).then(InteractionTransferredToAgent)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.TRANSFERRED, "bruno")
    interaction = story.interaction("carlos")
    assert interaction.notes == (Note("sigue tú", agent_actor("ana"), START + MINUTE),)
    assert (interaction.disposition, interaction.arrived_at, interaction.assigned_at) == (
        "Transferencia",
        START,
        START + MINUTE,
    )
    assert (story.state.units_in_use("ana"), story.state.units_in_use("bruno")) == (0, 1)


@pytest.mark.req("T3")
@pytest.mark.parametrize("to", [TO_BRUNO, TO_AYUDA], ids=["agent", "campaign"])
def test_another_disposition(to):
    """A transfer has the disposition that is given, which must be one of the campaign's."""
    story = ana_attends()
    story.rejects(to._replace(disposition="Nada"), (ErrorReason.DISPOSITION_UNKNOWN, "campaign/tienda"))
    assert story.when(to._replace(disposition="Queja")).interaction("carlos").disposition == "Queja"


@pytest.mark.req("T3", "T5")
def test_notes_are_kept():
    """Every note is kept, oldest first."""
    story = ana_attends().when(TO_BRUNO).when(Transfer("i1", agent_id="ana", note="vuelve"))
    story.when(CompleteInteraction("i1", "Venta", note="hecho"))
    assert [note.text for note in story.interaction("carlos").notes] == ["sigue tú", "vuelve", "hecho"]


CHAT_ONLY = Agent("bruno", capacity=1, channels=(Channel.CHAT,))

VIOLATIONS = {
    "paused": ([pauses("bruno")], [(ErrorReason.AGENT_NOT_ONLINE, "agent/bruno")]),
    "offline": ([goes_offline("bruno")], [(ErrorReason.AGENT_NOT_ONLINE, "agent/bruno")]),
    "not in the campaign": (
        [UpdateResource(workgroup("ventas", "ana"))],
        [(ErrorReason.AGENT_NOT_IN_CAMPAIGN, "agent/bruno")],
    ),
    "campaign lacks the channel": (
        [UpdateResource(campaign("tienda", "ventas", addresses=(CHAT_ADDRESS,)))],
        [(ErrorReason.CAMPAIGN_LACKS_CHANNEL, "campaign/tienda")],
    ),
    "target lacks the channel": ([UpdateResource(CHAT_ONLY)], [(ErrorReason.AGENT_LACKS_CHANNEL, "agent/bruno")]),
    "target does not take the channel now": (
        [goes_online("bruno", Channel.CHAT)],
        [(ErrorReason.AGENT_LACKS_CHANNEL, "agent/bruno")],
    ),
    "source lacks the channel": (
        [UpdateResource(CHAT_ONLY._replace(agent_id="ana"))],
        [(ErrorReason.AGENT_LACKS_CHANNEL, "agent/ana")],
    ),
    "full": ([call("delia")], [(ErrorReason.AGENT_AT_CAPACITY, "agent/bruno")]),
}


@pytest.mark.req("T1")
@pytest.mark.parametrize(("hindrance", "violations"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_condition_of_a_transfer(hindrance, violations):
    """A transfer to an agent is refused for the condition that fails; the source keeps the interaction."""
    story = ana_attends(call("carlos")).when(*hindrance).rejects(TO_BRUNO, *violations)
    assert story.holder("carlos") == "ana"


@pytest.mark.req("T1")
def test_all_conditions_at_once():
    """Every condition that fails is listed in one answer."""
    story = ana_attends(call("carlos")).when(call("delia"), UpdateResource(CHAT_ONLY), goes_offline("bruno"))
    story.when(*VIOLATIONS["not in the campaign"][0], *VIOLATIONS["campaign lacks the channel"][0])
    story.when(*VIOLATIONS["source lacks the channel"][0])
    story.rejects(
        TO_BRUNO._replace(disposition="Nada"),
        (ErrorReason.DISPOSITION_UNKNOWN, "campaign/tienda"),
        (ErrorReason.AGENT_NOT_ONLINE, "agent/bruno"),
        (ErrorReason.AGENT_LACKS_CHANNEL, "agent/bruno"),
        (ErrorReason.AGENT_NOT_IN_CAMPAIGN, "agent/bruno"),
        (ErrorReason.CAMPAIGN_LACKS_CHANNEL, "campaign/tienda"),
        (ErrorReason.AGENT_LACKS_CHANNEL, "agent/ana"),
        (ErrorReason.AGENT_AT_CAPACITY, "agent/bruno"),
    )
    assert story.holder("carlos") == "ana"


@pytest.mark.req("T1")
def test_to_another_workgroup_of_the_campaign():
    """A member of any workgroup of the campaign may get the interaction."""
    story = ana_attends().when(UpdateResource(campaign("tienda", "ventas", "soporte")))
    assert story.when(Transfer("i1", agent_id="zoe", note="sigue")).holder("carlos") == "zoe"


@pytest.mark.req("T1")
def test_to_where_a_trigger_sent_it():
    """A member of the workgroup that a trigger sent the interaction to may get it."""
    story = ana_attends().when(CreateResource(Trigger("t", active=True, actions=TriggerActions("soporte"))))
    story.when(chat("delia"), CreateResource(Agent("yago")), UpdateResource(workgroup("soporte", "zoe", "yago")))
    story.when(goes_online("yago"), Transfer(story.id_of("delia"), agent_id="yago", note="sigue"))
    assert story.holder("delia") == "yago"


@pytest.mark.req("T1")
def test_to_oneself():
    """A transfer to the agent who holds the interaction is refused."""
    ana_attends().rejects(TO_BRUNO._replace(agent_id="ana"), (ErrorReason.AGENT_ALREADY_HOLDS, "agent/ana"))


@pytest.mark.req("T1", "T2")
@pytest.mark.parametrize("to", [TO_BRUNO, TO_AYUDA], ids=["agent", "campaign"])
def test_only_what_is_held_is_transferred(to):
    """What waits or has ended is not transferred, nor by an agent what another holds."""
    story = ana_attends()
    story.rejects(to, (ErrorReason.PERMISSION_DENIED, "interaction/i1"), by=agent_actor("bruno"))
    story.rejects(to._replace(interaction_id="nada"), (ErrorReason.RESOURCE_NOT_FOUND, "interaction/nada"))
    story.when(chat("delia"), chat("eva"))
    waiting = story.id_of("eva")
    story.rejects(to._replace(interaction_id=waiting), (ErrorReason.INTERACTION_NOT_ASSIGNED, f"interaction/{waiting}"))
    story.when(CompleteInteraction("i1", "Venta"))
    story.rejects(to, (ErrorReason.INTERACTION_ENDED, "interaction/i1"))


@pytest.mark.req("T1", "T2")
def test_to_what_is_not_there():
    """A transfer to an unknown agent or campaign is refused."""
    story = ana_attends()
    story.rejects(TO_BRUNO._replace(agent_id="nadie"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie"))
    story.rejects(TO_AYUDA._replace(campaign_id="nada"), (ErrorReason.RESOURCE_NOT_FOUND, "campaign/nada"))


@pytest.mark.req("T1", "C7")
def test_source_is_given_what_waits():
    """The slot that a transfer frees goes to who waits."""
    story = given(
        ventas("ana"),
        agents(bruno=1),
        workgroup("extra", "bruno"),
        campaign("tienda", "ventas", "extra"),
        online("ana", "bruno"),
    ).when(chat("c1"), chat("c2"))
    story.when(TO_BRUNO).then(InteractionTransferredToAgent, InteractionAssigned)
    assert story.holder("c2") == "ana"


@pytest.mark.req("T2", "T3")
def test_to_a_campaign():
    """A transfer to a campaign routes the interaction anew there, with its arrival time, the note and disposition."""
    story = ana_attends().when(TO_AYUDA, after=MINUTE).then(InteractionTransferredToCampaign, InteractionAssigned)
    interaction = story.interaction("carlos")
    assert (interaction.campaign_id, interaction.workgroup_id, interaction.agent_id) == ("ayuda", "soporte", "zoe")
    assert (interaction.arrived_at, interaction.assigned_at) == (START, START + MINUTE)
    assert interaction.notes == (Note("es de ayuda", ADMINISTRATOR, START + MINUTE),)
    assert (interaction.disposition, story.state.units_in_use("ana")) == ("Transferencia", 0)
    assert story.events[0][1:] == ("ana", "tienda")


@pytest.mark.req("T2")
@pytest.mark.parametrize(
    ("change", "placed"),
    [
        ([chat("delia", "ayuda")], InteractionQueued),
        ([goes_offline("zoe")], InteractionUnassigned),
    ],
    ids=["full", "nobody online"],
)
def test_waits_in_the_campaign(change, placed):
    """In the campaign that it is transferred to, an interaction waits like any other."""
    ana_attends().when(*change).when(TO_AYUDA).then(InteractionTransferredToCampaign, placed)


@pytest.mark.req("T2")
def test_triggers_run_anew():
    """The triggers run anew in the campaign that the interaction is transferred to, after those of before."""
    story = ana_attends().when(
        CreateResource(
            Trigger(
                "t",
                active=True,
                all_of=(Condition(tags=TagsCondition(none_of=("x",))),),
                actions=TriggerActions("ventas", Priority.HIGH, ("x",)),
            )
        )
    )
    interaction = story.when(TO_AYUDA).interaction("carlos")
    assert (interaction.workgroup_id, interaction.priority, interaction.tags, interaction.trigger_ids) == (
        "ventas",
        Priority.HIGH,
        ("x",),
        ("t",),
    )


@pytest.mark.req("T2", "Z4")
def test_to_a_priority_line():
    """Transferred to a campaign where its address is a priority line, an interaction counts HIGH at least."""
    line = (CHAT_ADDRESS._replace(priority_line=True),)
    story = ana_attends().when(UpdateResource(campaign("ayuda", "soporte", addresses=line))).when(TO_AYUDA)
    assert story.interaction("carlos").priority is Priority.HIGH


@pytest.mark.req("T2", "E1", "K2")
def test_belongs_anew():
    """In the campaign that it is transferred to, its exclusive agent and its owner wait are those of there."""
    story = given(
        ventas("ana"),
        agents(bruno=1, zoe=1),
        contacts("c1", "c2"),
        online("ana", "zoe"),
        workgroup("soporte", "zoe", owner_wait=MINUTE),
        campaign("ayuda", "soporte"),
        portfolio("vip", "bruno", holds=["c2"]),
    )
    story.when(chat("c1"), SetExclusiveAgent("c1", "ayuda", "bruno"), TO_AYUDA)
    assert story.place_of("c1")[1:] == (RoutingReason.EXCLUSIVE_AGENT, "bruno")
    story.when(chat("c2"))
    story.when(Transfer(story.id_of("c2"), campaign_id="ayuda", note="es de ayuda"), after=MINUTE)
    story.then(InteractionTransferredToCampaign, InteractionKeptForOwner)
    assert story.interaction("c2").owner_wait_until == START + 2 * MINUTE


OTHER_ADDRESS = (CampaignAddress(Channel.CHAT, "otra"), VOICE_ADDRESS)


@pytest.mark.req("T2")
@pytest.mark.parametrize(
    ("change", "to", "violations"),
    [
        (
            [UpdateResource(campaign("ayuda", "soporte", addresses=OTHER_ADDRESS))],
            "ayuda",
            [(ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, "campaign/ayuda")],
        ),
        (
            [UpdateResource(campaign("ayuda", "soporte", addresses=(VOICE_ADDRESS,)))],
            "ayuda",
            [(ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, "campaign/ayuda")],
        ),
        ([], "tienda", [(ErrorReason.CAMPAIGN_UNCHANGED, "campaign/tienda")]),
        (
            [DeleteResource(Campaign, ("ayuda",))],
            "tienda",
            [
                (ErrorReason.CAMPAIGN_IS_ONLY_ONE, "campaign/tienda"),
                (ErrorReason.CAMPAIGN_UNCHANGED, "campaign/tienda"),
            ],
        ),
    ],
    ids=["another address", "another channel", "the same campaign", "the only campaign"],
)
def test_condition_of_a_transfer_to_a_campaign(change, to, violations):
    """A transfer to a campaign needs two campaigns, another one, and the same channel address."""
    story = ana_attends().when(*change).rejects(TO_AYUDA._replace(campaign_id=to), *violations)
    assert story.holder("carlos") == "ana"


@pytest.mark.req("T2")
def test_all_conditions_of_a_campaign_at_once():
    """Every condition that fails is listed in one answer."""
    story = ana_attends().when(UpdateResource(campaign("tienda", "ventas", addresses=OTHER_ADDRESS)))
    story.when(DeleteResource(Campaign, ("ayuda",)))
    story.rejects(
        TO_AYUDA._replace(campaign_id="tienda", disposition="Nada"),
        (ErrorReason.DISPOSITION_UNKNOWN, "campaign/tienda"),
        (ErrorReason.CAMPAIGN_IS_ONLY_ONE, "campaign/tienda"),
        (ErrorReason.CAMPAIGN_UNCHANGED, "campaign/tienda"),
        (ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, "campaign/tienda"),
    )


@pytest.mark.req("T2", "M9")
def test_claimed_after_a_transfer():
    """An interaction that waits after a transfer is claimed like any other, and holds one slot only."""
    story = ana_attends().when(goes_offline("zoe"), TO_AYUDA, goes_online("zoe"), ClaimInteraction("zoe"))
    held = [each for each in story.state.table(Interaction).values() if each.state is InteractionState.ASSIGNED]
    assert [each.agent_id for each in held] == ["zoe"]
