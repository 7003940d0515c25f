"""`cartera health`."""

from typing import Annotated, Any

import grpc
import typer
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from cartera.client.clients import DEFAULT_ADDRESS
from cartera.command_line.connection import AddressOption, ConnectionOptions
from cartera.command_line.failure import Failed


def register(application: typer.Typer) -> None:
    application.command("health")(show_health)


def show_health(
    context: typer.Context,
    address: AddressOption = None,
    timeout: Annotated[float, typer.Option(help="The seconds to wait for an answer.")] = 2.0,
) -> None:
    """Say whether the service is ready; exit status 1 where it is not.

    **Example**

    `cartera health --address 127.0.0.1:7733`
    """
    own = ConnectionOptions(address)
    wanted = own.over(context.obj or ConnectionOptions()).address or DEFAULT_ADDRESS
    state = state_of(wanted, timeout)
    if state != "SERVING":
        raise Failed(f"the service at {wanted} is {state}")
    typer.echo(state)


def state_of(address: str, timeout: float) -> str:
    with grpc.insecure_channel(address) as channel:
        try:
            stub: Any = HealthStub(channel)
            answer: HealthCheckResponse = stub.Check(HealthCheckRequest(), timeout=timeout)
            return HealthCheckResponse.ServingStatus.Name(answer.status)
        except grpc.RpcError as failure:
            code = failure.code() if isinstance(failure, grpc.Call) else grpc.StatusCode.UNKNOWN
            raise Failed(f"the service at {address} does not answer ({code.name})") from failure
