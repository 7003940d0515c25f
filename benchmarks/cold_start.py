"""Cold start: from nothing to the first answer, of a tenant with many agents and a long queue."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import uuid4

import grpc

from benchmarks.calls import ROUTE
from benchmarks.case import Case, case_of
from benchmarks.core import BEGINNING, records
from benchmarks.databases import Database, running_database
from benchmarks.plan import Plan
from benchmarks.servers import running
from benchmarks.waiting import interaction
from cartera.core.records import Record
from cartera.core.vocabulary import AssignmentMethod
from cartera.routing.v1.channel_pb2 import CHANNEL_VOICE
from cartera.routing.v1.routing_service_pb2 import RouteInteractionRequest
from cartera.store.open import open_store
from cartera.store.store import Write

TENANT_ID = "tenant-0"
BLOCK = 10_000
PATIENCE = 120.0


def cold_start(name: str, plan: Plan) -> list[Case]:
    """Seconds from the start of the process to its first answer to RouteInteraction, on the database of that name, and
    the memory of the process then.
    """
    with running_database(name) as database:
        _fill(database, plan)
        starts = [_start(database) for _ in range(max(plan.cold_runs, 1))]
    runs = [total for total, _, _ in starts]
    held = [each / 2**20 for _, _, each in starts]
    loading = {"of which loading s": round(sorted(each for _, each, _ in starts)[len(starts) // 2], 2)}
    against = f"nothing: an absolute figure, {plan.cold_agents} agents and {plan.cold_waiting} waiting"
    return [
        case_of(f"cold_start_seconds_{name}", "s", against, runs, loading),
        case_of(f"cold_start_mib_{name}", "MiB", against, held, {"agents": plan.cold_agents}),
    ]


def _fill(database: Database, plan: Plan) -> None:
    """Write the tenant's rows; its log is of no interest to a start. Nobody is given what waits without asking."""
    store = open_store(database.url)
    loaded = [*records(AssignmentMethod.MANUAL, plan.cold_agents), *map(interaction, range(1, plan.cold_waiting + 1))]
    for revision, block in enumerate(_blocks(loaded), start=1):
        last = revision * BLOCK
        upserts: dict[type, list[Record]] = {}
        for record in block:
            upserts.setdefault(type(record), []).append(record)
        base = (revision - 1) * BLOCK
        store.append([Write(TENANT_ID, base, last, BEGINNING, None, [], upserts, {}, [])], {})
    store.close()


def _blocks(loaded: Iterable[Record]) -> Iterator[list[Record]]:
    remaining = iter(loaded)
    while block := list(islice(remaining, BLOCK)):
        yield block


def _start(database: Database) -> tuple[float, float, int]:
    """Start once. Returns the seconds it took, those of them after it began to serve, and the memory in the end."""
    began = time.perf_counter()
    with running(["cartera", database.url], database.pid) as server, grpc.insecure_channel(server.address) as channel:
        serving = time.perf_counter()
        channel.unary_unary(ROUTE)(_request(), timeout=PATIENCE)
        answered = time.perf_counter()
        return answered - began, answered - serving, server.resident_bytes()


def _request() -> bytes:
    return RouteInteractionRequest(
        tenant_id=TENANT_ID,
        request_id=str(uuid4()),
        campaign_id="campaign",
        contact_id="somebody",
        channel=CHANNEL_VOICE,
    ).SerializeToString()
