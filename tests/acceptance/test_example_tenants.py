"""The tenants of examples/, as they stand there, and a day on each of their floors."""

from pathlib import Path

import pytest

from cartera.command_line.declaration import read_declaration
from cartera.routing.v1.channel_pb2 import CHANNEL_EMAIL, PRIORITY_HIGH, PRIORITY_URGENT
from tests.acceptance.floor import NOT_FOUND, QUEUED, contact, held, offered, placed, refused

EXAMPLES = Path(__file__).parents[2] / "examples"
VALERIA, ANDRES = "+573101112233", "+573104445566"
DON_RICARDO, MARGARET, ACERERA = "+528112340001", "+12145550188", "+528112340077"
PRIORITY_LINE = "+528180007777"


@pytest.fixture
def opened(floor):
    """Makes the floor one of the examples."""

    async def open_tenant(name):
        declaration = read_declaration((EXAMPLES / f"{name}.yaml").read_text("utf-8"))
        await floor.administrator.configuration.ApplyConfiguration(configuration=declaration.configuration)
        return floor

    return open_tenant


@pytest.mark.req("K1", "K2", "K4", "K5", "P8", "P9", "C12", "Z2")
async def test_a_shop_whose_assistants_keep_their_customers(opened):
    """A morning in the shop of retail-chat.yaml, from before it opens until half a year later."""
    floor = await opened("retail-chat")
    andres = await floor.chat(ANDRES, "tienda-en-linea")
    assert placed(andres) == ("QUEUED", "OUTSIDE_HOURS", "")
    await floor.passes(hours=3, minutes=55)
    assert await floor.online("julian", "daniela") == []
    await floor.passes(minutes=5)
    assert await floor.where(andres) == held("daniela", "OWNER"), "at eight the shop opens"

    await floor.passes(seconds=5)
    valeria = await floor.chat(VALERIA, "tienda-en-linea")
    assert placed(valeria) == held("daniela", "BACKUP_OWNER"), "Camila isn't in"
    assert (valeria.priority, list(valeria.tags)) == (PRIORITY_HIGH, ["fidelizada"])
    await floor.complete(valeria.interaction_id, "Consulta resuelta")
    await floor.online("camila")
    valeria = await floor.chat(VALERIA, "tienda-en-linea")
    assert placed(valeria) == held("camila", "OWNER")
    assert (valeria.comment, valeria.script_id) == ("Prefiere que le escriban por la tarde.", "bienvenida")
    await floor.complete(valeria.interaction_id, "Consulta resuelta")

    await floor.declare(contacts=[contact(each) for each in ("nueva", "otra")])
    await floor.complete(andres.interaction_id, "Consulta resuelta")
    await floor.offline("julian", "daniela")
    for contact_id in ("nueva", "otra", "desconocida"):
        await floor.passes(seconds=5)
        assert placed(await floor.chat(contact_id, "tienda-en-linea")) == held("camila", "LEAST_LOAD")
    assert await floor.portfolio_of("nueva") == "personal-camila", "who serves a customer first keeps them"
    waits = await floor.chat(VALERIA, "tienda-en-linea")
    assert placed(waits) == ("WAITING_FOR_OWNER", "OWNER_NOT_AVAILABLE", ""), "three chats are Camila's limit"
    assert (waits.owner_wait_until.seconds - waits.arrived_at.seconds) == 180, "she is there: worth waiting for"
    await floor.online("julian")
    await floor.passes(minutes=2, seconds=59)
    assert await floor.where(waits) == ("WAITING_FOR_OWNER", "OWNER_NOT_AVAILABLE", "")
    await floor.passes(seconds=1)
    assert await floor.where(waits) == held("julian", "LEAST_LOAD")
    await floor.complete(waits.interaction_id, "Consulta resuelta")

    await floor.passes(days=180, hours=2)
    await floor.online("paola")
    assert placed(await floor.chat(VALERIA, "tienda-en-linea")) == held("paola", "LEAST_LOAD")
    assert await floor.portfolio_of(VALERIA) == "personal-paola", "after half a year of silence she was free again"


@pytest.mark.req("C9", "C10", "C12", "E1", "M4", "M8", "Z2", "Z4", "Z5")
async def test_a_banks_vip_line(opened):
    """A night and a morning on the lines of bank-vip-voice.yaml."""
    floor = await opened("bank-vip-voice")
    await floor.online("hector")
    night = await floor.call(ACERERA, "linea-vip")
    assert placed(night) == held("hector", "ROUND_ROBIN"), "at three in the morning the night desk answers"
    assert placed(await floor.call(DON_RICARDO, "linea-vip")) == held("alejandra", "EXCLUSIVE_AGENT")
    with refused("CAMPAIGN_CLOSED") as raised:
        await floor.call("+528119990000", "creditos")
    assert raised.value.metadata["opens_at"] == "2026-03-02T14:00:00+00:00"

    await floor.passes(hours=5)
    await floor.online("fernando", "lorena", "rodrigo", "emily")
    margaret = await floor.call(MARGARET, "linea-vip")
    assert placed(margaret) == offered("emily", "BEST_SKILL"), "her call demands English, and Alejandra is busy"
    assert (margaret.workgroup_id, margaret.priority) == ("vip-desk", PRIORITY_URGENT)
    seen = await floor.agent("fernando").routing.ListInteractions(contact_id=MARGARET)
    assert not seen.views, "the VIP Desk is private"
    await floor.accept("emily", margaret.interaction_id)
    await floor.complete(margaret.interaction_id, "Atendida", sub_disposition="Consulta")
    assert (await floor.where(margaret))[0] == "WRAP_UP"
    again = await floor.call(MARGARET, "linea-vip")
    assert placed(again) == ("WAITING_FOR_OWNER", "LAST_AGENT_FULL", ""), "Emily is writing it down"
    await floor.passes(seconds=20)
    assert await floor.where(again) == offered("rodrigo", "BEST_SKILL"), "and English is demanded no longer"
    await floor.passes(seconds=12)
    assert await floor.where(again) == QUEUED, "he didn't answer; Emily needs half a minute more"
    await floor.finish_wrap_up("emily", margaret.interaction_id)
    assert await floor.where(again) == offered("emily", "LAST_AGENT")

    urgent = await floor.call("+528110001234", "linea-vip", address=PRIORITY_LINE)
    assert (urgent.workgroup_id, urgent.priority) == ("vip-desk", PRIORITY_URGENT), "on the priority line"
    plain = await floor.call("+528110005678", "linea-vip")
    assert (plain.workgroup_id, placed(plain)) == ("banca-personal", offered("fernando", "LONGEST_IDLE"))
    with refused("INTERACTION_NOT_OFFERED"):
        await floor.accept("lorena", plain.interaction_id)
    await floor.reject("fernando", plain.interaction_id)
    assert await floor.where(plain) == offered("lorena", "LONGEST_IDLE")


@pytest.mark.req("M8", "C11", "M5", "C2", "Z2", "Z5")
async def test_a_floor_that_serves_several_companies_by_skill(opened):
    """A morning of shared-services.yaml: skills that are demanded, and dropped; invoices that overflow."""
    floor = await opened("shared-services")
    await floor.online("iker", "sarah", "joao", "nuria", "amparo")
    mireia = await floor.chat("mireia.soler", "levante-it")
    assert placed(mireia) == held("nuria", "BEST_SKILL"), "the only one who speaks Catalan"
    joanna = await floor.chat("j.whitaker", "northwind-it")
    assert (placed(joanna), joanna.priority) == (held("sarah", "BEST_SKILL"), PRIORITY_URGENT)
    paulo = await floor.chat("paulo.reis", "levante-it", tags=["sap"])
    assert placed(paulo) == QUEUED, "João speaks Portuguese, and knows too little of SAP"
    await floor.passes(minutes=2)
    assert await floor.where(paulo) == held("nuria", "BEST_SKILL"), "who knows most of SAP"
    call = await floor.call("vpn", "levante-it", tags=["vpn"])
    assert placed(call) == held("iker", "BEST_SKILL"), "the others chat, and a call takes everything"

    invoices = [(await floor.routed(f"f{each}", "proveedores", channel=CHANNEL_EMAIL)).interaction for each in range(6)]
    assert [each.agent_id for each in invoices] == ["lucy", "david", "lucy", "david", "lucy", ""]
    assert placed(invoices[5]) == QUEUED, "nobody is in, and their lists are full"
    pay = (await floor.routed("mireia.soler", "personas", channel=CHANNEL_EMAIL)).interaction
    assert placed(pay) == held("nuria", "LONGEST_IDLE"), "Amparo, idle for longer, speaks no Catalan"
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await floor.agent("iker").routing.GetInteraction(interaction_id=pay.interaction_id)
    await floor.passes(hours=4)
    assert await floor.where(invoices[5]) == held("amparo", "LONGEST_IDLE")
