"""What can keep the engine from an answer. Each becomes one error of the contract, in the translation above."""


class EngineError(Exception):
    """The engine gives no answer."""


class QueueFull(EngineError):  # noqa: N818 - names what happened
    """Too many calls of the tenant wait already; nothing was changed."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"queue full, retry after {retry_after} s")
        self.retry_after = retry_after


class CallerQueueFull(EngineError):  # noqa: N818 - names what happened
    """The caller has as many calls under way as one may; nothing was changed."""

    def __init__(self, retry_after: float, limit: int) -> None:
        super().__init__(f"caller has {limit} calls under way, retry after {retry_after} s")
        self.retry_after, self.limit = retry_after, limit


class TooManyStreams(EngineError):  # noqa: N818 - names what happened
    """The service has as many streams open as it takes, or as it takes of one caller."""

    def __init__(self, retry_after: float, caller_limit: int | None = None) -> None:
        super().__init__(f"too many streams, retry after {retry_after} s")
        self.retry_after, self.caller_limit = retry_after, caller_limit


class Draining(EngineError):  # noqa: N818 - names what happened
    """The service is shutting down and takes nothing more."""

    def __init__(self) -> None:
        super().__init__("draining")


class DatabaseUnavailable(EngineError):  # noqa: N818 - names what happened
    """The database is away; nothing was changed, or the outcome is unknown."""

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__(f"database unavailable, retry after {retry_after} s")
        self.retry_after = retry_after


class DeadlinePassed(EngineError):  # noqa: N818 - names what happened
    """The caller's deadline passed before its command was begun; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("deadline passed")


class RequestIdReused(EngineError):  # noqa: N818 - names what happened
    """The request id was used for another request."""

    def __init__(self) -> None:
        super().__init__("request id reused")


class RevisionInTheFuture(EngineError):  # noqa: N818 - names what happened
    """The revision has not been reached."""

    def __init__(self, oldest: int, current: int) -> None:
        super().__init__(f"revision in the future, current is {current}")
        self.oldest, self.current = oldest, current


class RevisionPruned(EngineError):  # noqa: N818 - names what happened
    """What follows the revision is no longer kept."""

    def __init__(self, oldest: int, current: int) -> None:
        super().__init__(f"revision pruned, oldest is {oldest}")
        self.oldest, self.current = oldest, current


class RevisionReplaced(EngineError):  # noqa: N818 - names what happened
    """Another change than the one that the watcher saw has the revision: a backup was restored."""

    def __init__(self, oldest: int, current: int) -> None:
        super().__init__(f"revision replaced, current is {current}")
        self.oldest, self.current = oldest, current


class WatcherTooSlow(EngineError):  # noqa: N818 - names what happened
    """The watcher did not keep up and was cut; it can resume after the revision it has."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"watcher too slow, cut after revision {revision}")
        self.revision = revision
