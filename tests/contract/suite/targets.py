"""The servers that cases are played against: some are well, and something has befallen the others."""

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cartera.store.migrate import migrate
from tests.contract.suite import plights
from tests.contract.suite.issuer import ISSUER, SECRET
from tests.contract.suite.service import ClockedService

ONE_PLACE = {"unary_calls": 1, "shared_calls": 1, "tenant_calls": 1}
NOT_SERVED = "http://127.0.0.1:1/keys"


class Kind(NamedTuple):
    """How a server is set up, and what befalls it then."""

    befalls: Callable[[ClockedService], AbstractAsyncContextManager[plights.Variables]]
    settings: Mapping[str, Any] = {}


KINDS = {
    "main": Kind(plights.well),
    "guarded": Kind(plights.guarded, {"token_secret": SECRET}),
    "keyless": Kind(plights.keyless, {"token_keys": NOT_SERVED, "token_issuer": ISSUER}),
    "brisk": Kind(plights.brisk),
    "pruned": Kind(plights.pruned),
    "restored": Kind(plights.restored),
    "away": Kind(plights.away),
    "busy": Kind(plights.busy, ONE_PLACE),
    "full": Kind(plights.full, {**ONE_PLACE, "queue": 1, "streams": 1}),
    "crowded": Kind(plights.crowded, {"person_calls": 1, "person_streams": 1}),
    "sluggish": Kind(plights.sluggish),
    "draining": Kind(plights.draining, {"drain_grace_seconds": 3600.0}),
    "faulty": Kind(plights.faulty),
}


class Target(NamedTuple):
    """A server that serves."""

    name: str
    address: str
    variables: plights.Variables

    def written(self) -> dict[str, Any]:
        return {"address": self.address, "variables": self.variables}


@asynccontextmanager
async def started(name: str, directory: Path) -> AsyncIterator[Target]:
    """A server of that kind, for a while."""
    kind, database = KINDS[name], directory / f"{name}.db"
    shutil.copy(_migrated(directory), database)
    service = ClockedService(database, kind.settings)
    await service.start()
    try:
        async with kind.befalls(service) as variables:
            yield Target(name, service.address, variables)
    finally:
        await service.stop()


@cache
def _migrated(directory: Path) -> Path:
    """A database with nothing in it, to be copied: to make one takes longer than to start a server."""
    path = directory / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path
