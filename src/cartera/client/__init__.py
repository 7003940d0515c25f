"""The Python client: thin, synchronous or asynchronous, over the published contract.

    with Client("127.0.0.1:7733", tenant_id="acme", role="gateway") as client:
        answer = client.routing.RouteInteraction(campaign_id="ventas", contact_id="+34600", channel=1)

Every RPC is a method of its service, its request's fields are keyword arguments, failures are `CarteraError`.
"""

from cartera.client.clients import AsyncClient, Client
from cartera.client.credentials import Token, tls
from cartera.client.errors import CarteraError, FieldViolation, Precondition, Resource
from cartera.client.retry import RetryPolicy
from cartera.client.watch import AsyncMonitorWatch, AsyncWatch, MonitorWatch, Watch

__all__ = [
    "AsyncClient",
    "AsyncMonitorWatch",
    "AsyncWatch",
    "CarteraError",
    "Client",
    "FieldViolation",
    "MonitorWatch",
    "Precondition",
    "Resource",
    "RetryPolicy",
    "Token",
    "Watch",
    "tls",
]
