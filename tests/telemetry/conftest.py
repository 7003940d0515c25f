"""A service whose metrics and traces are looked at."""

import asyncio
import urllib.request
from contextlib import asynccontextmanager

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cartera.bootstrap import Service
from cartera.routing.v1 import configuration_service_pb2 as configuration
from cartera.settings import Settings
from tests.fixtures.service import HeldClock
from tests.rpc.conftest import ACME, Caller


class Observed:
    """A service, and who asks for its metrics."""

    def __init__(self, service, clock, channel):
        self.service = service
        self.clock = clock
        self.channel = channel
        self.acme = Caller(channel)

    async def ask(self, path="/metrics", method="GET", accept=""):
        url = f"http://127.0.0.1:{self.service.telemetry.metrics_port}{path}"
        request = urllib.request.Request(url, headers={"Accept": accept}, method=method)
        return await asyncio.to_thread(answered, request)

    async def metrics(self):
        """Every sample by its name and labels."""
        _, _, text = await self.ask()
        families = text_string_to_metric_families(text)
        return {
            (each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples
        }

    async def value(self, name, **labels):
        return (await self.metrics()).get((name, frozenset(labels.items())))

    async def until(self, expected, name, **labels):
        """Wait until a metric has a value, for what ends a moment after its answer."""
        async with asyncio.timeout(10):
            while await self.value(name, **labels) != expected:
                pass


def answered(request):
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - of this service
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


@asynccontextmanager
async def observed(settings):
    clock = HeldClock()
    service = Service(settings, clock)
    await service.start()
    async with grpc.aio.insecure_channel(service.address) as channel:
        seen = Observed(service, clock, channel)
        await seen.acme.ApplyConfiguration(configuration=configuration.Configuration(**ACME))
        try:
            yield seen
        finally:
            await service.stop()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    database = tmp_path_factory.mktemp("telemetry") / "cartera.db"
    return Settings(
        listen="127.0.0.1:0",
        database_url=f"sqlite:///{database}",
        drain_seconds=0,
        metrics_listen="127.0.0.1:0",
        metrics_labels=2,
        admin_listen="127.0.0.1:0",
    )
