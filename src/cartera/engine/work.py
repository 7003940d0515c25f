"""Work: what waits to be decided and committed."""

from asyncio import Future
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core.state import State
from cartera.engine.submission import Submission
from cartera.origin import Origin


class Work:
    """A submission, a question or a tick of one tenant, and who waits for its reply."""

    __slots__ = (
        "abandoned",
        "deadline",
        "future",
        "origin",
        "question",
        "reply",
        "request_id",
        "submission",
        "tenant_id",
    )

    def __init__(
        self,
        tenant_id: str,
        *,
        submission: Submission | None = None,
        question: Callable[[State, datetime], Any] | None = None,
        future: Future[Any] | None = None,
        deadline: float | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.submission = submission
        self.question = question
        self.future = future
        self.origin = origin
        """The call that it is part of. None: something that fell due."""
        self.deadline = deadline if submission is None else submission.deadline
        """When its caller stops waiting, in seconds of `time.monotonic`. None: never."""
        self.abandoned = False
        """Whether its caller has been told that there will be no reply; then it isn't begun any more."""
        self.reply: Any = None
        """The answer, or the exception that stands for it; not given before it is durable."""
        self.request_id = "" if submission is None or submission.validate_only else submission.request_id
        """The id under which a retry finds the answer. Empty is none."""

    def resolve(self) -> None:
        """Give the reply to who waits for it, if anybody still does."""
        if self.future is None or self.future.done():
            return
        if isinstance(self.reply, Exception):
            self.future.set_exception(self.reply)
        else:
            self.future.set_result(self.reply)
