"""The owner wait by what the owners are doing, and the backup while they are absent (P8)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    ApplyConfiguration,
    AssignInteraction,
    AssignPortfolio,
    ClaimInteraction,
    CompleteInteraction,
    Configuration,
    RemoveFromPortfolio,
    UpdateResource,
)
from cartera.core.events import InteractionArrived, InteractionAssigned, InteractionKeptForOwner, InteractionQueued
from cartera.core.records import Portfolio, PortfolioContact
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ConflictPolicy,
    ErrorReason,
    InteractionState,
    PortfolioMode,
    RoutingReason,
)
from tests.core.offers import held_by
from tests.core.specification import START, agent_actor, given
from tests.core.tenants import (
    agents,
    call,
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

pytestmark = pytest.mark.req("P8", "K2")

SECOND = timedelta(seconds=1)
WAIT, BUSY, PAUSED, OFFLINE = 30 * SECOND, 120 * SECOND, 60 * SECOND, 10 * SECOND
BY_STATE = {"owner_wait_busy": BUSY, "owner_wait_paused": PAUSED, "owner_wait_offline": OFFLINE}
KEPT = (InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE, "")
OWNER, BACKUP = RoutingReason.OWNER, RoutingReason.BACKUP_OWNER


def owned(*owners, team=(), backups=(), **policy):
    """Luis belongs to the owners; Carla, who is available, is the only member of the workgroup."""
    everyone = dict.fromkeys(("ana", "bruno", "carla", "dario"), 1)
    return given(
        ventas("carla", **policy),
        agents(**everyone),
        workgroup("equipo", *team),
        contacts("luis", "otro"),
        portfolio("vip", *owners, holds=["luis"], owner_workgroup_ids=("equipo",), backup_agent_ids=backups),
        portfolio("otra", *owners[:1], *team[:1], holds=["otro"]),
        online("carla"),
    )


def busy(agent_id):
    """The agent is online, for calls only: not available for a chat."""
    return goes_online(agent_id, Channel.VOICE)


def waits_for(story):
    """How long Luis's chat is kept for the owners; None where it is not."""
    story.when(chat("luis"))
    until = story.interaction("luis").owner_wait_until
    return until - START if until else None


def test_the_example_of_owners():
    """docs/routing.md, "Owners": Ana is busy, at lunch, or gone; Bruno stands in while she is gone."""
    policy = {"owner_wait": WAIT, "owner_wait_busy": BUSY, "owner_wait_offline": timedelta()}
    assert waits_for(owned("ana", backups=("bruno",), **policy).when(busy("ana"), goes_online("bruno"))) == BUSY
    assert waits_for(owned("ana", backups=("bruno",), **policy).when(pauses("ana"), goes_online("bruno"))) == WAIT
    gone = owned("ana", backups=("bruno",), **policy).when(goes_online("bruno"), chat("luis"))
    assert gone.place_of("luis") == held_by("bruno", BACKUP)
    both_gone = owned("ana", backups=("bruno",), **policy).when(chat("luis"))
    assert both_gone.place_of("luis") == held_by("carla")


# The wait by the owners' state


@pytest.mark.parametrize(
    ("statuses", "wait"),
    [
        ([busy("ana")], BUSY),
        ([pauses("ana")], PAUSED),
        ([], OFFLINE),
        ([pauses("ana"), busy("bruno")], BUSY),
        ([pauses("bruno")], PAUSED),
        ([goes_online("ana"), pauses("ana")], PAUSED),
        ([goes_online("ana"), goes_offline("ana")], OFFLINE),
    ],
)
def test_the_best_of_the_owners_counts(statuses, wait):
    """An owner who is online counts before one who is paused, and that one before those who are offline."""
    assert waits_for(owned("ana", "bruno", owner_wait=WAIT, **BY_STATE).when(*statuses)) == wait


def test_a_full_owner_is_busy():
    """An owner who is online and full is busy."""
    story = owned("ana", owner_wait=WAIT, **BY_STATE).when(goes_online("ana"), chat("otro"))
    assert story.holder("otro") == "ana"
    assert waits_for(story) == BUSY


@pytest.mark.req("P6")
@pytest.mark.parametrize(("statuses", "wait"), [([], OFFLINE), ([pauses("dario")], PAUSED), ([busy("dario")], BUSY)])
def test_members_of_a_team_are_owners(statuses, wait):
    """What the members of an owning team are doing counts like what the owners are doing."""
    assert waits_for(owned("ana", team=("dario",), owner_wait=WAIT, **BY_STATE).when(*statuses)) == wait


@pytest.mark.parametrize("status", [busy, pauses, goes_offline])
def test_what_is_unset_is_the_owner_wait(status):
    """Where the wait for a state is unset, the owner wait counts."""
    assert waits_for(owned("ana", owner_wait=WAIT).when(status("ana"))) == WAIT


@pytest.mark.parametrize(
    ("field", "status"),
    [("owner_wait_busy", busy), ("owner_wait_paused", pauses), ("owner_wait_offline", goes_offline)],
)
def test_zero_is_no_wait(field, status):
    """Zero for a state is no wait, whatever the owner wait is; and it may be set without an owner wait."""
    story = owned("ana", owner_wait=WAIT, **{field: timedelta()}).when(status("ana"), chat("luis"))
    story.then(InteractionArrived, InteractionAssigned)
    assert story.holder("luis") == "carla"
    assert waits_for(owned("ana", **{field: BUSY}).when(status("ana"))) == BUSY


def test_the_state_at_arrival_counts():
    """The wait is fixed on arrival: what the owner does afterwards makes it neither longer nor shorter."""
    story = owned("ana", **BY_STATE).when(pauses("ana"), chat("luis"))
    story.when(busy("ana"), after=SECOND).when(goes_offline("ana"), after=SECOND)
    assert story.interaction("luis").owner_wait_until == START + PAUSED
    assert story.passes(PAUSED).holder("luis") == "carla"


# The backup


@pytest.mark.parametrize("status", [busy("ana"), pauses("ana")])
def test_no_backup_while_an_owner_is_there(status):
    """While an owner is online or paused, no backup stands in: it is kept, and nobody else may claim it."""
    story = owned("ana", backups=("bruno",), owner_wait=WAIT).when(status, goes_online("bruno"), chat("luis"))
    assert story.place_of("luis") == KEPT
    story.rejects(
        ClaimInteraction("bruno", story.id_of("luis")),
        (ErrorReason.INTERACTION_KEPT_FOR_OWNER, f"interaction/{story.id_of('luis')}"),
    )


def test_the_backup_comes_in_time():
    """A backup who becomes available during the wait for absent owners gets it; it may claim it too."""
    story = owned("ana", backups=("bruno",), owner_wait=WAIT).when(chat("luis"))
    story.then(InteractionArrived, InteractionKeptForOwner)
    assert story.when(goes_online("bruno"), after=SECOND).place_of("luis") == held_by("bruno", BACKUP)
    full = owned("ana", backups=("bruno",), owner_wait=WAIT).when(goes_online("bruno"), chat("a"), chat("luis"))
    assert full.holder("luis") == "bruno"


def test_an_owner_comes_before_the_backup():
    """Where an owner and a backup come free together, the owner is preferred."""
    story = owned("ana", backups=("bruno",), owner_wait=WAIT).when(goes_offline("carla"), chat("luis"))
    for agent_id in ("bruno", "ana"):
        story.when(call(agent_id)).when(AssignInteraction(story.id_of(agent_id), agent_id), goes_online(agent_id))
    assert story.place_of("luis") == KEPT
    story.when(ApplyConfiguration(Configuration(agents=tuple(agents(ana=2, bruno=2)))))
    assert story.place_of("luis") == held_by("ana", OWNER)


@pytest.mark.req("P6", "M1", "M2")
@pytest.mark.parametrize("method", [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD])
def test_several_backups(method):
    """Among several backups the workgroup's method picks."""
    story = owned("ana", backups=("bruno", "dario"), method=method).when(goes_online("bruno"), goes_online("dario"))
    story.when(chat("luis"), after=SECOND)
    assert story.place_of("luis") == held_by("bruno", BACKUP)
    story.when(CompleteInteraction(story.id_of("luis"), "Venta")).when(chat("luis"), after=SECOND)
    assert story.place_of("luis") == held_by("dario", BACKUP)


def test_after_the_wait_the_backup_is_still_preferred():
    """When the wait is over, a backup who is free together with others is preferred, as an owner would be."""
    story = (
        given(
            ventas("carla", owner_wait=WAIT, queue_when_nobody_online=True),
            agents(bruno=2, ana=1),
            contacts("luis"),
            portfolio("vip", "ana", holds=["luis"], backup_agent_ids=("bruno",)),
        )
        .when(chat("luis"))
        .passes(WAIT)
    )
    story.when(goes_online("bruno"))
    assert story.place_of("luis") == held_by("bruno", BACKUP)


@pytest.mark.req("K4")
def test_the_backup_gets_no_contact():
    """AUTOMATIC: a contact whom the backup attends stays in the portfolio that it is in."""
    story = owned("ana", backups=("bruno",), portfolio_mode=PortfolioMode.AUTOMATIC).when(goes_online("bruno"))
    story.when(chat("luis")).then(InteractionArrived, InteractionAssigned)
    assert story.get(PortfolioContact, "luis").portfolio_id == "vip"


@pytest.mark.req("K5")
def test_the_backup_is_told_what_the_owner_would_be():
    """The comment of the portfolio comes with what the backup is given."""
    story = owned("ana", backups=("bruno",)).when(AssignPortfolio("vip", ("luis",), comment="Habla despacio"))
    story.when(goes_online("bruno"), chat("luis"))
    assert story.interaction("luis").comment == "Habla despacio"


@pytest.mark.req("M7")
def test_a_manual_workgroup_knows_no_backup():
    """In a MANUAL workgroup nothing is given to a backup, and there is no owner wait."""
    story = owned("ana", backups=("bruno",), owner_wait=WAIT, method=AssignmentMethod.MANUAL)
    story.when(goes_online("bruno"), chat("luis")).then(InteractionArrived, InteractionQueued)


# What changes meanwhile


@pytest.mark.req("P3", "P2")
@pytest.mark.parametrize("moved", [True, False])
def test_the_contact_leaves_the_portfolio_during_the_wait(moved):
    """What is kept for the owners of a portfolio that the contact leaves is anybody's at once; to be put into another
    afterwards comes too late for it.
    """
    story = owned("ana", owner_wait=WAIT).when(chat("luis"))
    assert story.place_of("luis") == KEPT
    if moved:
        story.when(UpdateResource(Portfolio("nueva", owner_agent_ids=("bruno",)), allow_missing=True))
        story.when(RemoveFromPortfolio("vip", ("luis",)), AssignPortfolio("nueva", ("luis",)), after=SECOND)
    else:
        story.when(RemoveFromPortfolio("vip", ("luis",)), after=SECOND)
    assert story.place_of("luis") == held_by("carla")


@pytest.mark.req("P9")
def test_the_portfolio_is_moved_at_once():
    """A contact who is moved from one portfolio to another is kept for the new owners for the rest of the wait."""
    story = owned("ana", owner_wait=WAIT).when(chat("luis"))
    story.when(UpdateResource(Portfolio("nueva", owner_agent_ids=("bruno",)), allow_missing=True))
    story.when(AssignPortfolio("nueva", ("luis",), conflict_policy=ConflictPolicy.MOVE), after=SECOND)
    assert (story.place_of("luis"), story.interaction("luis").owner_wait_until) == (KEPT, START + WAIT)
    assert story.when(goes_online("ana")).place_of("luis") == KEPT
    assert story.when(goes_online("bruno"), by=agent_actor("bruno")).place_of("luis") == held_by("bruno", OWNER)
