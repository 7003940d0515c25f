"""What RoutingService answers as an interaction is offered, transferred, wrapped up and reported on."""

import pytest

CHAT = 2
OFFERED, QUEUED = 2, 4
"""Outcomes."""
STATE_QUEUED, STATE_ASSIGNED, STATE_COMPLETED, STATE_OFFERED, STATE_WRAP_UP = 3, 5, 6, 8, 9
SALES = {"workgroup_id": "sales", "method": 1, "member_ids": ["ana", "bea"]}


@pytest.mark.req("P8")
async def test_what_is_kept_for_its_owner_comes_with_an_estimate(acme):
    """How long until the owner is likely to be free, against the next agent."""
    await acme.UpdateWorkgroup(workgroup={**SALES, "owner_wait": {"seconds": 300}})
    await acme.AssignPortfolio(portfolio_id="gold", contact_ids=["c1"])
    kept = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    assert kept.HasField("owner_estimate")
    assert not kept.owner_estimate.HasField("owner_free_in"), "nobody knows when who is offline comes back"
    await acme.SetAgentStatus(agent_id="bea", status=1)
    again = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    assert again.owner_estimate.next_agent_in.seconds == 0
    assert again.owner_estimate.HasField("next_agent_in"), "bea is free now"
    plain = await acme.RouteInteraction(campaign_id="ventas", contact_id="c2", channel=CHAT)
    assert not plain.HasField("owner_estimate")


@pytest.mark.req("C9", "C10")
async def test_an_offer_is_answered_and_wrapped_up(acme):
    """OFFERED in the answer; accepting gives it, completing leaves it in wrap-up, and finishing ends it."""
    await acme.UpdateWorkgroup(workgroup={**SALES, "offer_timeout": {"seconds": 20}, "wrap_up": {"seconds": 60}})
    await acme.SetAgentStatus(agent_id="ana", status=1)
    routed = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    offered = routed.interaction
    assert (routed.outcome, offered.state, offered.agent_id) == (OFFERED, STATE_OFFERED, "ana")
    ana = acme.acting_as("agent", "ana")
    accepted = await ana.AcceptOffer(interaction_id=offered.interaction_id, agent_id="ana")
    assert accepted.interaction.state == STATE_ASSIGNED
    completed = await ana.CompleteInteraction(interaction_id=offered.interaction_id, disposition="Venta")
    assert completed.interaction.state == STATE_WRAP_UP
    finished = await ana.FinishWrapUp(interaction_id=offered.interaction_id)
    assert (finished.interaction.state, finished.interaction.ended_at) == (
        STATE_COMPLETED,
        completed.interaction.ended_at,
    )


@pytest.mark.req("C9")
async def test_an_offer_that_is_rejected_goes_on(acme):
    """The answer shows where it is then."""
    await acme.UpdateWorkgroup(workgroup={**SALES, "offer_timeout": {"seconds": 20}})
    await acme.SetAgentStatus(agent_id="ana", status=1)
    routed = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    ana = acme.acting_as("agent", "ana")
    rejected = await ana.RejectOffer(interaction_id=routed.interaction.interaction_id, agent_id="ana")
    assert (rejected.interaction.state, rejected.interaction.agent_id) == (STATE_QUEUED, "")


@pytest.mark.req("T4")
async def test_a_transfer_to_a_workgroup_is_routed_anew_there(acme):
    """The answer says what became of it."""
    await acme.SetAgentStatus(agent_id="ana", status=1)
    routed = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    interaction_id = routed.interaction.interaction_id
    moved = await acme.Transfer(interaction_id=interaction_id, workgroup_id="support", note="please")
    assert (moved.interaction.workgroup_id, moved.outcome) == ("support", QUEUED)


@pytest.mark.req("T8")
async def test_delivery_states_pass_through_to_watchers(acme):
    """Nothing is kept of them but the event."""
    routed = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    interaction_id = routed.interaction.interaction_id
    gateway = acme.acting_as("gateway", "pbx")
    told = await gateway.ReportDelivery(interaction_id=interaction_id, message_id="m1", delivery_state=3)
    async for step in acme.WatchEvents(start_after_revision=routed.revision):
        if step.HasField("change"):
            break
    (event,) = step.change.events
    delivery = event.message_delivery_changed
    assert (step.change.revision, delivery.message_id, delivery.delivery_state) == (told.revision, "m1", 3)
