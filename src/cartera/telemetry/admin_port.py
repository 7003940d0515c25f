"""The administration of gRPC itself, at a port of its own: channelz shows every connection and its calls. It shows
those of all tenants to whoever asks, so only this machine is let in.

The package that has csds besides isn't used: it would overwrite modules of OpenTelemetry's with older ones.
"""

import grpc

from cartera.settings import SettingsError

_LAST_WORDS_SECONDS = 0.5


class AdminPort:
    """Serves it, where the extra is installed that has it."""

    def __init__(self) -> None:
        self._server: grpc.aio.Server | None = None

    async def start(self, address: str) -> int:
        """Begin, and answer the port: port 0 is any that is free.

        Raises:
            SettingsError: the extra is not installed.
            OSError: nothing can be served at the address.

        """
        try:
            # An extra, and rarely wanted.
            from grpc_channelz.v1.channelz import add_channelz_servicer  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError as error:
            raise SettingsError("the administration of gRPC is an extra: install cartera[admin]") from error
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_channelz_servicer(server)
        try:
            port = server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen at {address}: it is in use, or no address of this machine") from error
        await server.start()
        self._server = server
        return port

    async def stop(self) -> None:
        """End."""
        if self._server is not None:
            await self._server.stop(_LAST_WORDS_SECONDS)
