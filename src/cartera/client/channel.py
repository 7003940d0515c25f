"""Channels: how a client reaches the service."""

import json
from functools import cache
from importlib.resources import files

import grpc

Options = list[tuple[str, str | int]]


def service_config() -> str:
    """The published service config: which calls may be tried again, and how long each may take."""
    return files("cartera").joinpath("service_config.json").read_text("utf-8")


@cache
def published_deadlines() -> dict[str, float]:
    """The seconds that the published service config gives each method, by service and name."""
    return {
        f"{name['service']}/{name['method']}": float(config["timeout"].removesuffix("s"))
        for config in json.loads(service_config()).get("methodConfig", [])
        for name in config["name"]
        if "timeout" in config and "method" in name
    }


def options() -> Options:
    return [
        ("grpc.service_config", service_config()),
        # A service that restarts is back within a second or two; gRPC's own pace is made for larger outages.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 2000),
    ]


def open_channel(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
    if credentials is None:
        return grpc.insecure_channel(address, options())
    return grpc.secure_channel(address, credentials, options())


def open_async_channel(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    if credentials is None:
        return grpc.aio.insecure_channel(address, options())
    return grpc.aio.secure_channel(address, credentials, options())
