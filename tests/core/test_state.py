"""The state: what is taken back is as if it had never been, and what is forgotten is loaded again."""

from datetime import timedelta

import pytest

from cartera.core.caller import Caller
from cartera.core.commands import ApplyConfiguration, Configuration, UpdateResource
from cartera.core.events import WorkgroupSaved
from cartera.core.handle import handle
from cartera.core.records import Contact, Interaction, PortfolioContact, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod, InteractionState
from tests.core.indexes import indexes, loaded
from tests.core.specification import ADMINISTRATOR, START, given, tables
from tests.core.tenants import TENANT, agents, campaign, chat, contacts, goes_online, online, portfolio, workgroup


def full_agent_of_two_workgroups():
    """Ana is full; she is a member of "ventas", where a chat waits, and of "soporte"."""
    return given(
        TENANT,
        agents(ana=1),
        workgroup("ventas", "ana"),
        workgroup("soporte", "ana"),
        campaign("tienda", "ventas"),
        online("ana"),
    ).when(chat("c1"), chat("c2"))


AT_ONCE = ApplyConfiguration(
    Configuration(agents=tuple(agents(ana=2)), workgroups=(workgroup("soporte", "ana", queue_when_nobody_online=True),))
)


def test_agents_and_workgroups_taken_back_together():
    """A change of an agent and of one of its workgroups, taken back, leaves nobody available who is not."""
    story = full_agent_of_two_workgroups()
    before, mark = indexes(story.state), story.state.mark()
    handle(story.state, AT_ONCE, Caller(ADMINISTRATOR), START)
    assert story.holder("c2") == "ana"
    story.state.rollback(mark)
    assert indexes(story.state) == before
    assert story.state.first_match(START) is None


def test_team_that_is_dissolved_while_something_waits_for_it():
    """What is offered to a team and the team's last member leaving it, in one change, leave nothing to be matched."""
    story = given(
        TENANT,
        agents(ana=1, bruno=1),
        workgroup("ventas", "ana", owner_wait=timedelta(hours=1)),
        workgroup("equipo", "bruno"),
        campaign("tienda", "ventas"),
        contacts("c1"),
        portfolio("vip", holds=["c1"], owner_workgroup_ids=("equipo",)),
    ).when(chat("c1"))
    ventas = story.get(Workgroup, "ventas")
    story.when(UpdateResource(ventas._replace(method=AssignmentMethod.MANUAL)), goes_online("bruno"))
    both = ApplyConfiguration(Configuration(workgroups=(ventas, workgroup("equipo"))))
    story.when(both).then(WorkgroupSaved, WorkgroupSaved)
    assert story.interaction("c1").state is InteractionState.WAITING_FOR_OWNER
    assert not story.state.matchable


def test_one_of_several_commands_taken_back():
    """Of several commands the last is taken back, and those before it stay."""
    story = full_agent_of_two_workgroups()
    before, mark = tables(story.state), story.state.mark()
    story.when(chat("c3"), AT_ONCE)
    story.state.rollback(mark)
    assert tables(story.state) == before
    assert story.state.revision == mark.revision


@pytest.mark.req("G5")
@pytest.mark.parametrize("state", [InteractionState.COMPLETED, InteractionState.QUEUED])
def test_an_id_that_another_replica_took_meanwhile(state):
    """A replica that is behind loads, for a command that names it, an interaction that another replica made, and makes
    one under the same id for another contact; that can't be written, and leaves nothing behind when it is taken back.
    """
    story = full_agent_of_two_workgroups()
    story.state.accept_changes()
    theirs = story.interaction("c2")._replace(interaction_id="i3", sequence=3, contact_id="other", state=state)
    story.state.load([theirs])
    story.state.first_match(START)
    before, mark = indexes(story.state), story.state.mark()
    story.when(chat("c3"))
    assert story.interaction("c3").interaction_id == "i3"
    story.state.put(story.interaction("c3")._replace(state=InteractionState.CANCELLED, ended_at=START))
    story.state.rollback(mark)
    assert indexes(story.state) == before
    story.state.forget(0)
    assert story.state.open_interactions("c3") == []


def test_changes_are_what_differs():
    """The changes since the last that was written are the records that differ, the last version of each."""
    story = full_agent_of_two_workgroups()
    story.state.accept_changes()
    story.when(chat("c2"), chat("c2"))
    assert story.state.changes() == {Interaction: {("i2",): story.interaction("c2")}}
    assert story.interaction("c2").messages == 3


def test_ended_interactions_are_forgotten():
    """Ended interactions are dropped from memory, and open ones stay."""
    story = full_agent_of_two_workgroups().when(chat("c3"))
    ended = story.interaction("c1")._replace(state=InteractionState.COMPLETED, ended_at=START)
    story.state.put(ended)
    story.state.accept_changes()
    story.state.forget(contacts_kept=100)
    assert sorted(story.state.table(Interaction)) == [("i2",), ("i3",)]


def test_contacts_are_forgotten():
    """Contacts without an open interaction are dropped beyond a number, those who have been so longest first."""
    story = given(
        TENANT,
        agents(ana=1),
        workgroup("ventas", "ana"),
        campaign("tienda", "ventas"),
        online("ana"),
        contacts("c1", "c2", "c3"),
        portfolio("vip", holds=["c1", "c2", "c3"]),
    ).when(chat("c1"))
    story.state.load_contacts(["c2", "c3"], [*contacts("c2", "c3"), *portfolio("vip", holds=["c2", "c3"])[1:]])
    story.state.accept_changes()
    story.state.forget(contacts_kept=1)
    assert [story.state.is_contact_loaded(each) for each in ("c1", "c2", "c3")] == [True, False, True]
    for record_type in (Contact, PortfolioContact):
        assert sorted(story.state.table(record_type)) == [("c1",), ("c3",)]


def test_contact_of_an_open_interaction_is_to_be_loaded():
    """An open interaction that another replica brought in names a contact who is to be loaded."""
    story = full_agent_of_two_workgroups()
    state = State()
    for record in story.state.table(Interaction).values():
        state.put(record)
    assert state.unloaded_contacts == {"c1", "c2"}
    state.load_contacts(["c1", "c2"], [])
    assert state.unloaded_contacts == set()


@pytest.mark.parametrize("reverse", [False, True])
def test_loaded_in_any_order(reverse):
    """A state loaded from its records has the same indexes, in whatever order they come."""
    story = full_agent_of_two_workgroups().when(goes_online("ana"))
    assert indexes(loaded(tables(story.state), reverse=reverse)) == indexes(story.state)
