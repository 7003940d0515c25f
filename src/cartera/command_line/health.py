"""`cartera health`."""

from typing import Annotated, Any

import grpc
import typer
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from cartera.client.channel import open_channel
from cartera.client.clients import DEFAULT_ADDRESS
from cartera.command_line.connection import (
    AddressOption,
    CaFileOption,
    CertificateFileOption,
    ConnectionOptions,
    KeyFileOption,
    TlsOption,
)
from cartera.command_line.failure import Failed


def register(application: typer.Typer) -> None:
    application.command("health")(show_health)


def show_health(
    context: typer.Context,
    *,
    address: AddressOption = None,
    tls: TlsOption = None,
    ca_file: CaFileOption = None,
    certificate_file: CertificateFileOption = None,
    key_file: KeyFileOption = None,
    timeout: Annotated[float, typer.Option(help="The seconds to wait for an answer.")] = 2.0,
    service: Annotated[
        str, typer.Option(metavar="NAME", help="One service by its full name, or liveness: the process alone.")
    ] = "",
) -> None:
    """Say whether the service is ready; exit status 1 where it is not.

    **Examples**

    `cartera health --address 127.0.0.1:7733`

    `cartera health --service liveness`
    """
    given = ConnectionOptions(address, None, None, None, None, tls, ca_file, certificate_file, key_file)
    options = given.over(context.obj or ConnectionOptions())
    wanted = options.address or DEFAULT_ADDRESS
    state = state_of(wanted, timeout, options.credentials, service)
    if state != "SERVING":
        raise Failed(f"the service at {wanted} is {state}")
    typer.echo(state)


def state_of(address: str, timeout: float, credentials: grpc.ChannelCredentials | None, service: str = "") -> str:
    with open_channel(address, credentials) as channel:
        try:
            stub: Any = HealthStub(channel)
            answer: HealthCheckResponse = stub.Check(HealthCheckRequest(service=service), timeout=timeout)
            return HealthCheckResponse.ServingStatus.Name(answer.status)
        except grpc.RpcError as failure:
            code = failure.code() if isinstance(failure, grpc.Call) else grpc.StatusCode.UNKNOWN
            if code is grpc.StatusCode.NOT_FOUND:
                raise Failed(f"the service at {address} has none that is called {service}") from failure
            raise Failed(f"the service at {address} does not answer ({code.name})") from failure
