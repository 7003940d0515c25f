import time
import pytest
from tests.acceptance.floor import *

@pytest.mark.parametrize("n", range(6))
async def test_x(floor, n):
    t=time.time()
    await floor.ventas("ana", "carlos", contacts=["luis"])
    await floor.online("ana")
    i = await floor.chat("luis")
    assert placed(i) == held("ana", "ROUND_ROBIN")
    print(await floor.events("interaction_assigned"))
    with refused("INTERACTION_NOT_WAITING"):
        await floor.claim("carlos", i.interaction_id)
    with denied():
        await floor.agent("carlos").routing.AssignInteraction(interaction_id="x", agent_id="carlos")
    print(time.time()-t)
    t=time.time()
    await floor.service.restart()
    print("restart", time.time()-t)
    assert await floor.held_by("ana") == ["luis"]
    print("reconnect", time.time()-t)
