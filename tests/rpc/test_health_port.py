"""The health port: what probes without TLS may ask."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cartera.bootstrap import Service
from cartera.contract.messages import SERVICES
from cartera.rpc.health import LIVENESS, NOT_SERVING, SERVING, Health
from cartera.rpc.health_port import HealthPort

pytestmark = pytest.mark.req("G4")

NAMES = ["", LIVENESS, *(service.full_name for service in SERVICES)]


async def is_well():
    return True


async def test_health_is_answered_in_plain_and_nothing_else():
    """Each name, as on the service's own port; a stream, which would hold it up, and calls are not there."""
    health = Health(NAMES[2:], is_well)
    await health.start()
    port = HealthPort(health.servicer)
    address = f"127.0.0.1:{await port.start('127.0.0.1:0')}"
    async with grpc.aio.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        asked = [health_pb2.HealthCheckRequest(service=name) for name in NAMES]
        assert {(await stub.Check(request)).status for request in asked} == {SERVING}
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.Watch(asked[0]).read()
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
        await health.drain()
        assert {(await stub.Check(request)).status for request in asked} == {NOT_SERVING}
    await port.stop()


async def test_a_service_answers_its_health_where_it_is_told_to(service, settings):
    """A port in use is said, as that of the service is."""
    with pytest.raises(OSError, match="cannot listen at"):
        await Service(settings.model_copy(update={"health_listen": service.address})).start()
