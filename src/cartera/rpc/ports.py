"""What the edge needs of the engine."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from cartera.core.state import State
from cartera.engine.submission import Bookmark, Delivery, Submission

Answer = TypeVar("Answer")


class Engine(Protocol):
    """Decides and commits."""

    async def submit(self, submission: Submission) -> bytes:
        """The response, once it is durable."""
        ...

    async def query(self, tenant_id: str, question: Callable[[State, datetime], Answer]) -> Answer:
        """What the question finds in the present state."""
        ...

    def watch(self, tenant_id: str, start_after_revision: int | None) -> AsyncGenerator[Delivery | Bookmark]:
        """Every change of the tenant, from after that revision or from now on."""
        ...

