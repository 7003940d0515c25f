"""python -m sidecar: from calls at a Kamailio to interactions at a Cartera."""

import argparse
import asyncio
import logging
from pathlib import Path
from typing import Any

import grpc
from cartera.client import AsyncClient, tls

from sidecar.desk import Desk
from sidecar.feed import Feed
from sidecar.gateway import Gateway
from sidecar.kamailio import Kamailio

DEADLINE_SECONDS = 4.0
"""For a call to Cartera; Kamailio answers the caller after five."""


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("sidecar").setLevel(logging.DEBUG if options.verbose else logging.INFO)
    asyncio.run(_serve(options))


async def _serve(options: argparse.Namespace) -> None:
    credentials = tls(options.ca_file) if options.ca_file else None
    gateway = _client(options, credentials, "gateway", options.name, options.token_file)
    phones = _client(options, credentials, "supervisor", options.supervisor, options.supervisor_token_file)
    host, port = options.kamailio.rsplit(":", 1)
    async with gateway, phones:
        desk = Desk(options.name, gateway, phones, options.disposition)
        feed = Feed(gateway, desk.campaigns.changed)
        await Gateway(desk, feed, Kamailio(host, int(port))).run()


def _client(
    options: argparse.Namespace,
    credentials: grpc.ChannelCredentials | None,
    role: str,
    subject: str,
    token_file: Path | None,
) -> AsyncClient:
    caller: dict[str, Any] = {"token": token_file} if token_file else {"role": role, "subject": subject}
    tenant = {"tenant_id": options.tenant, "deadline": DEADLINE_SECONDS}
    return AsyncClient(options.cartera, credentials=credentials, **tenant, **caller)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sidecar", description=__doc__)
    parser.add_argument("--cartera", default="127.0.0.1:7733", help="where Cartera is (%(default)s)")
    parser.add_argument("--kamailio", default="127.0.0.1:8448", help="Kamailio's control address (%(default)s)")
    parser.add_argument("--tenant", required=True, help="the tenant whose calls these are")
    parser.add_argument("--name", default="voice-1", help="names this gateway among others (%(default)s)")
    parser.add_argument("--supervisor", default="phones", help="who answers for the agents' phones (%(default)s)")
    parser.add_argument("--disposition", required=True, help="with which a call is completed; every campaign has it")
    parser.add_argument("--token-file", type=Path, help="the gateway's token")
    parser.add_argument("--supervisor-token-file", type=Path, help="the supervisor's token")
    parser.add_argument("--ca-file", help="TLS, with a certificate of Cartera from one of these authorities")
    parser.add_argument("--verbose", action="store_true", help="say what is decided for each call")
    return parser.parse_args()


if __name__ == "__main__":
    main()
