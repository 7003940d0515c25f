"""Metrics, traces and the administration of gRPC, put together as the settings ask for them."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from cartera.addresses import split_address
from cartera.engine.engine import Engine
from cartera.engine.observer import Observer, Observers
from cartera.rpc.observation import CallObserver, CallObservers, Observations
from cartera.settings import Settings, SettingsError
from cartera.telemetry.admin_port import AdminPort
from cartera.telemetry.metrics import CallMetrics, EngineMetrics

if TYPE_CHECKING:
    from cartera.telemetry.port import Port
    from cartera.telemetry.tracing import Tracing

_LOG = structlog.get_logger()


class Telemetry:
    """What a service is observed by."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._calls, self._work = CallMetrics(), EngineMetrics()
        self._tracing = _tracing() if settings.traces else None
        self._port: Port | None = None
        self.metrics_port = 0
        self._admin = AdminPort()
        self.admin_port = 0

    def observer(self) -> Observer:
        """For the engine."""
        observers: list[Observer] = [self._work] if self._settings.metrics_listen else []
        if self._tracing:
            observers.append(self._tracing.batches)
        return observers[0] if len(observers) == 1 else Observers(*observers)

    def observations(self) -> Observations:
        """For calls."""
        observers: list[CallObserver] = [self._calls] if self._settings.metrics_listen else []
        if self._tracing:
            observers.append(self._tracing.calls)
        together = observers[0] if len(observers) == 1 else CallObservers(*observers)
        return Observations(together, self._settings.slow_call_seconds)

    async def start(self, engine: Engine) -> None:
        """Begin to show them.

        Raises:
            SettingsError: an extra is not installed.
            OSError: nothing can be served at an address.

        """
        if self._settings.metrics_listen:
            await self._show_metrics(engine)
        if self._settings.admin_listen:
            self.admin_port = await self._admin.start(self._settings.admin_listen)

    async def _show_metrics(self, engine: Engine) -> None:
        # Not before: what isn't wanted isn't imported.
        from cartera.telemetry.exposition import Exposition  # noqa: PLC0415
        from cartera.telemetry.port import Port  # noqa: PLC0415
        from cartera.telemetry.readings import Readings  # noqa: PLC0415

        readings = Readings(engine, self._calls, self._work, self._settings.metrics_labels)
        self._port = Port(Exposition(readings).page)
        host, port = split_address(self._settings.metrics_listen)
        self.metrics_port = await self._port.start(host.strip("[]"), port)
        _LOG.info("metrics", address=f"{host}:{self.metrics_port}")

    async def stop(self) -> None:
        """Show nothing more."""
        if self._port is not None:
            await self._port.stop()
        await self._admin.stop()

    async def close(self) -> None:
        """Send off what is left, once nothing more happens."""
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)


def _tracing() -> "Tracing":
    try:
        from cartera.telemetry.tracing import Tracing  # noqa: PLC0415 - it is an extra, and slow to import
    except ImportError as error:
        raise SettingsError("traces need OpenTelemetry: install cartera[otel]") from error
    return Tracing()
