"""The notifier: tells other replicas how far tenants have come, beside the path of the calls."""

import threading

import structlog

from cartera.store.store import Store

GATHERED = 0.01
"""How long notices gather before they are sent, in seconds."""

_LOG = structlog.get_logger()


class Notifier:
    """A thread that sends notices; those that come close upon each other go together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revisions: dict[str, int] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, then end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def tell(self, revisions: dict[str, int]) -> None:
        """Have it told how far tenants have come."""
        with self._changed:
            if not self._revisions:
                self._changed.notify()
            self._revisions.update(revisions)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._revisions and not self._stopping:
                    self._changed.wait()
                self._changed.wait_for(lambda: self._stopping, GATHERED)
                revisions, self._revisions = self._revisions, {}
            if not revisions:
                return
            try:
                self._store.notify(revisions)
            except Exception as error:  # noqa: BLE001 - it goes on for as long as the service runs
                _LOG.warning("notice not sent; watchers of other replicas find out by polling", error=str(error))
