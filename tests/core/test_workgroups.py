"""Who may change a workgroup (K3, K7)."""

import pytest

from cartera.core.commands import UpdateResource
from cartera.core.events import WorkgroupSaved
from cartera.core.records import Workgroup
from cartera.core.vocabulary import ErrorReason, PortfolioMode
from tests.core.specification import ADMINISTRATOR, given, supervisor_actor
from tests.core.tenants import ventas, workgroup

AUTOMATIC = UpdateResource(workgroup("ventas", portfolio_mode=PortfolioMode.AUTOMATIC), update_mask=("portfolio_mode",))


@pytest.mark.req("K3")
@pytest.mark.parametrize("actor", [ADMINISTRATOR, supervisor_actor("sara")], ids=["administrator", "supervisor"])
def test_mode_is_changed(actor):
    """The portfolio mode is changed by an administrator or a supervisor of that workgroup, and nothing else with it."""
    story = given(ventas("ana", supervisor_ids=("sara",)))
    former = story.get(Workgroup, "ventas")
    story.when(AUTOMATIC, by=actor).then(WorkgroupSaved)
    assert story.get(Workgroup, "ventas") == former._replace(portfolio_mode=PortfolioMode.AUTOMATIC, etag="1")


@pytest.mark.req("K3", "K7")
def test_supervisor_of_another_workgroup():
    """A supervisor does not change a workgroup that does not name it."""
    story = given(ventas("ana", supervisor_ids=("sara",)))
    story.rejects(AUTOMATIC, (ErrorReason.PERMISSION_DENIED, "workgroup/ventas"), by=supervisor_actor("tomas"))


@pytest.mark.req("K7")
@pytest.mark.parametrize("allow_missing", [False, True])
def test_supervisor_can_not_tell_what_is_not_there(allow_missing):
    """For a supervisor a workgroup that does not exist is like one it does not manage."""
    update = UpdateResource(workgroup("nada"), allow_missing=allow_missing)
    given(ventas("ana")).rejects(update, (ErrorReason.PERMISSION_DENIED, "workgroup/nada"), by=supervisor_actor("sara"))


@pytest.mark.req("K3")
def test_mode_left_unsaid_is_manual():
    """A workgroup saved without a portfolio mode is MANUAL."""
    story = given(ventas("ana")).when(UpdateResource(workgroup("ventas", portfolio_mode=PortfolioMode.UNSPECIFIED)))
    assert story.get(Workgroup, "ventas").portfolio_mode is PortfolioMode.MANUAL
