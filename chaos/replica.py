"""A replica to be broken: `cartera serve` as it is, but for a clock that can be moved and batches that can break off.

    CHAOS_CONTROL=FILE CARTERA_... python -m chaos.replica

The service's code has no part in it: the store is wrapped where it is opened, and the clock is given.
"""

import asyncio
import faulthandler
import os
import signal
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from cartera import bootstrap
from cartera.engine.garbage import SIGHT
from cartera.observability import configure_logging
from cartera.settings import load_settings
from cartera.store.open import open_store
from cartera.store.store import Store, StoreError, Write
from chaos.replica_control import Action, Control, Orders, Point

TELL_WHERE = signal.SIGUSR2
"""Has the process write to its log what each of its threads is doing."""


class MovableClock:
    """The machine's clock, and as far ahead or behind as it is told."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._control.clock_offset)


class BreakingStore:
    """A store whose appends break off where it is told. All else is the store's own."""

    def __init__(self, store: Store, control: Control) -> None:
        self._store = store
        self._control = control
        self._holds = False
        self._waits_to_break = False
        self._breaks_after_holding: Action | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, writes: Sequence[Write], *rest: Any, **named: Any) -> set[str]:
        orders = self._taken_orders() if writes else Orders()
        self._waits_to_break = orders.point is not Point.NOWHERE
        try:
            return self._append(orders, writes, *rest, **named)
        except StoreError:
            if self._waits_to_break:  # another fault was there first: the next batch breaks
                self._control.arm(orders.point, orders.action)
            raise

    @contextmanager
    def holding(self, tenant_ids: Collection[str], *rest: Any, **named: Any) -> Iterator[None]:
        self._breaks_after_holding = None
        with self._store.holding(tenant_ids, *rest, **named):
            self._holds = bool(tenant_ids)
            try:
                yield
            finally:
                self._holds = False
        if self._breaks_after_holding is not None:
            break_off(self._breaks_after_holding)

    def _append(self, orders: Orders, writes: Sequence[Write], *rest: Any, **named: Any) -> set[str]:
        if orders.point is Point.BEFORE_APPEND:
            self._break(orders.action)
        if orders.point is Point.BEFORE_COMMIT:
            return self._broken_before_commit(orders.action, writes, *rest, **named)
        won = self._store.append(writes, *rest, **named)
        if orders.point is Point.BEFORE_ANSWER:
            self._break_after_commit(orders.action)
        return won

    def _broken_before_commit(self, action: Action, writes: Sequence[Write], *rest: Any, **named: Any) -> set[str]:
        """Holding opens a transaction, which what is appended in it then belongs to: between the two it breaks."""
        if self._holds:
            return self._appended_then_broken(action, writes, *rest, **named)
        with self._store.holding([write.tenant_id for write in writes]):
            return self._appended_then_broken(action, writes, *rest, **named)

    def _appended_then_broken(self, action: Action, *arguments: Any, **named: Any) -> set[str]:
        won = self._store.append(*arguments, **named)
        self._break(action)
        return won

    def _break_after_commit(self, action: Action) -> None:
        if self._holds:
            self._breaks_after_holding = action
        else:
            self._break(action)

    def _break(self, action: Action) -> None:
        self._waits_to_break = False
        break_off(action)

    def _taken_orders(self) -> Orders:
        """Where this batch is to break, if it is. Whoever comes after it, in the next life too, is left alone."""
        orders = self._control.read()
        if orders.point is Point.NOWHERE:
            return orders
        if orders.passed_before > 0:
            self._control.arm(orders.point, orders.action, orders.passed_before - 1)
            return Orders()
        self._control.disarm()
        return orders


def break_off(action: Action) -> None:
    """Kill -9, or SIGSTOP until somebody wakes the process."""
    os.kill(os.getpid(), signal.SIGKILL if action is Action.KILL else signal.SIGSTOP)


def main() -> None:
    control = Control(Path(os.environ["CHAOS_CONTROL"]))
    settings = load_settings()
    faulthandler.register(TELL_WHERE)
    configure_logging(settings.log_format, settings.log_level)

    def open_breaking(*arguments: Any, **named: Any) -> Any:
        return BreakingStore(open_store(*arguments, **named), control)

    vars(bootstrap)["open_store"] = open_breaking
    SIGHT.narrow()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(bootstrap.serve(settings, MovableClock(control)))


if __name__ == "__main__":
    main()
