"""What is kept of a run when it is over: the logs, and what verify says of the rows."""

import base64
import json
from pathlib import Path

from cartera.engine.verify import verify
from cartera.store.open import open_store
from cartera.store.store import Store

READ = 1_000
"""How many changes are read at a time."""


def keep(url: str, directory: Path) -> list[str]:
    """Copy every tenant's log and verify its rows. Answers what differs."""
    store = open_store(url)
    try:
        differences = {}
        for tenant_id in store.tenant_ids():
            _copy_log(store, tenant_id, directory / f"log-{tenant_id}.jsonl")
            differences[tenant_id] = [str(each) for each in verify(store, tenant_id)]
    finally:
        store.close()
    (directory / "verify.json").write_text(json.dumps(differences, indent=2) + "\n")
    return [f"{tenant_id}: {each}" for tenant_id, found in differences.items() for each in found]


def _copy_log(store: Store, tenant_id: str, path: Path) -> None:
    revision = 0
    with path.open("w") as file:
        while changes := store.changes_since(tenant_id, revision, READ):
            for change in changes:
                payload = base64.b64encode(change.payload).decode()
                file.write(json.dumps({"revision": change.revision, "payload": payload}) + "\n")
            revision = changes[-1].revision
