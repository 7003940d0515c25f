"""A shard: one tenant's state in memory."""

from collections.abc import Iterable
from datetime import datetime

from cartera.contract import decode_change
from cartera.core.evolve import evolve_change
from cartera.core.records import Record
from cartera.core.state import State
from cartera.engine.answers import Answers
from cartera.engine.submission import Delivery
from cartera.store.store import Answer, Head, LoggedChange


class Shard:
    """A tenant as this replica knows it. The requests answered lately are remembered for all tenants together."""

    def __init__(
        self, tenant_id: str, head: Head | None = None, records: Iterable[Record] = (), answers: Answers | None = None
    ) -> None:
        self.tenant_id = tenant_id
        self.used_at = 0.0
        """When it was used last, for whoever keeps it."""
        self.weight = 0
        """How many records it held then."""
        self.state = State()
        self.state.load_tenant(records)
        if head:
            self.state.revision = head.revision
            self.state.last_event_at = head.last_event_at
        self._answers = Answers() if answers is None else answers

    def answer(self, request_id: str) -> Answer | None:
        """The answer given to a request, if it was given lately."""
        return self._answers.get(self.tenant_id, request_id)

    def remember(self, answers: Iterable[Answer]) -> None:
        """Keep answers."""
        for answer in answers:
            self._answers.add(self.tenant_id, answer)

    def adopt(self, answer: Answer) -> None:
        """Keep an answer that was found in the database."""
        self._answers.adopt(self.tenant_id, answer)

    def time(self, clock_now: datetime) -> datetime:
        """The time of what happens now: a tenant's time never runs backwards."""
        return max(clock_now, self.state.last_event_at) if self.state.last_event_at else clock_now

    def next_due_at(self) -> datetime | None:
        """When something falls due next."""
        deadline = self.state.deadlines.first()
        return deadline[0] if deadline else None

    def follow(self, logged: Iterable[LoggedChange]) -> list[Delivery]:
        """Apply what another replica wrote."""
        deliveries = [Delivery(each.payload, decode_change(each.payload)) for each in logged]
        for delivery in deliveries:
            evolve_change(self.state, delivery.change)
        self.state.accept_changes()
        return deliveries
