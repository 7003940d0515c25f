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
        # A service whose machine is gone says nothing: a watch notices within 40 s.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),
        # A page of a list may be longer than gRPC's 4 MiB.
        ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ]


def open_channel(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
    if credentials is None:
        return grpc.insecure_channel(address, options())
    return grpc.secure_channel(address, credentials, options())


def open_async_channel(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    if credentials is None:
        return grpc.aio.insecure_channel(address, options())
    return grpc.aio.secure_channel(address, credentials, options())
