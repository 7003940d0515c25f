"""The health port: health in plain gRPC, beside a service that asks for TLS.

Probes of container platforms speak no TLS and have no token. What they learn is SERVING or NOT_SERVING, so a port of
its own gives away nothing else; it takes no streams, which would hold it up for others.
"""

import grpc
from grpc_health.v1 import health
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

LONGEST_REQUEST = 4096
"""Bytes of a question, which is a name."""


class HealthPort:
    """Answers what `Health` knows, and nothing else."""

    def __init__(self, servicer: health.aio.HealthServicer) -> None:
        check = grpc.unary_unary_rpc_method_handler(
            servicer.Check,
            request_deserializer=HealthCheckRequest.FromString,
            response_serializer=HealthCheckResponse.SerializeToString,
        )
        options = [("grpc.max_receive_message_length", LONGEST_REQUEST), ("grpc.so_reuseport", 0)]
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(health.SERVICE_NAME, {"Check": check})]
        )

    async def start(self, address: str) -> int:
        """Answers at the address, and says its port: port 0 is any that is free.

        Raises:
            OSError: nothing can be answered there.

        """
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen at {address}: it is in use, or no address of this machine") from error
        await self._server.start()
        return port

    async def stop(self) -> None:
        """Hang up."""
        await self._server.stop(0)
