"""Watchers of the bare stream, which nothing mends, and a storm of writes for them to watch."""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import WatchEventsRequest, WatchEventsResponse
from cartera.routing.v1.event_service_pb2_grpc import EventServiceStub
from cartera.routing.v1.workgroup_pb2 import PORTFOLIO_MODE_AUTOMATIC
from tests.acceptance.floor import MINUTES_5, PATIENCE, Floor

WRITERS, ROUNDS = 8, 6


def stream(floor: Floor, start: int | None = None, **filters: Any) -> Any:
    """One stream of WatchEvents, by itself: not the client's, which would mend it and drop what comes twice."""
    request = WatchEventsRequest(tenant_id=floor.tenant_id, start_after_revision=start, **filters)
    return EventServiceStub(floor.channel).WatchEvents(request, wait_for_ready=True)


class Seen:
    """All that one watcher received, over all of its connections."""

    def __init__(self, start: int) -> None:
        self.start = self.reached = start
        self.steps: list[WatchEventsResponse] = []
        self.connections = 0

    def take(self, step: WatchEventsResponse) -> None:
        self.steps.append(step)
        if step.HasField("change"):
            self.reached = step.change.revision

    @property
    def changes(self) -> list[Change]:
        return [step.change for step in self.steps if step.HasField("change")]

    @property
    def revisions(self) -> list[int]:
        return [change.revision for change in self.changes]


class Storm(NamedTuple):
    """What watchers saw of a storm, and what the writers were answered."""

    watchers: list[Seen]
    answered: dict[str, int]
    """The revision of each answer that changed something, by request_id."""
    head: int


async def storm(floor: Floor, across: Floor | None = None) -> Storm:
    """Several callers write at once, while some watchers stay, some come late, and some lose their stream again and
    again and come back with the last revision they saw. Given the same floor across another replica, every other
    caller and watcher is there.
    """
    floors = itertools.cycle([floor, across or floor])
    await floor.ventas(
        *(f"a{number}" for number in range(4)),
        capacity=3,
        contacts=[f"c{number}" for number in range(WRITERS)],
        portfolio_mode=PORTFOLIO_MODE_AUTOMATIC,
        owner_wait=MINUTES_5,
    )
    await floor.online("a0", "a1", "a2", "a3")
    start = await floor.revision()
    target: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    answered: dict[str, int] = {}
    stays = itertools.repeat(10**9)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        kept = [
            tasks.create_task(_watch(next(floors), Seen(position), target, drops))
            for position, drops in (
                (start, stays),
                (0, stays),
                (start, itertools.repeat(1)),
                (start, itertools.cycle([2, 1, 5, 3])),
                (0, itertools.cycle([7, 1])),
            )
        ]
        await asyncio.gather(*(_write(next(floors), number, answered) for number in range(WRITERS)))
        kept.append(tasks.create_task(_watch(next(floors), Seen(start), target, stays)))
        head = await floor.revision() + 1
        target.set_result(head)
        await floor.offline("a0")
    return Storm([task.result() for task in kept], answered, head)


async def _watch(floor: Floor, seen: Seen, target: asyncio.Future[int], drops: Iterator[int]) -> Seen:
    while not (target.done() and seen.reached >= target.result()):
        seen.connections += 1
        steps_left = next(drops)
        steps = stream(floor, seen.reached)
        async for step in steps:
            seen.take(step)
            steps_left -= step.HasField("change")
            if steps_left <= 0 or (target.done() and seen.reached >= target.result()):
                break
        steps.cancel()
    return seen


async def _write(floor: Floor, number: int, answered: dict[str, int]) -> None:
    """One caller: its contact chats and calls, is attended where it is given to somebody, and leaves where not."""

    async def ask(call: Callable[..., Any], **fields: Any) -> Any:
        request_id = str(uuid.uuid4())
        answer = await call(request_id=request_id, **fields)
        answered[request_id] = answer.revision
        return answer

    routing = floor.administrator.routing
    for channel in [1, 2] * (ROUNDS // 2):
        routed = await ask(routing.RouteInteraction, campaign_id="tienda", contact_id=f"c{number}", channel=channel)
        interaction = routed.interaction
        if interaction.agent_id:
            await ask(routing.CompleteInteraction, interaction_id=interaction.interaction_id, disposition="Venta")
        else:
            await ask(routing.CancelInteraction, interaction_id=interaction.interaction_id)
