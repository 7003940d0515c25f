"""The guard over what the store sends: it lets pass what is about named tenants, and nothing else."""

import pytest
from sqlalchemy import text

from cartera.store.open import open_reads, open_store
from cartera.store.reads import Snapshot
from tests.fixtures.statements import GUARD, violation_of

pytestmark = pytest.mark.req("G5")

WITHOUT_TENANT = {
    "sqlite": "SELECT tenant_id, revision, NULL, NULL FROM heads",
    "postgres": "SELECT tenant_id, revision, NULL, NULL FROM heads LIMIT 1",
}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM contacts WHERE tenant_id = $1 AND contact_id = $2",
        "SELECT * FROM contacts AS c JOIN agents AS a ON a.tenant_id = c.tenant_id WHERE c.tenant_id = $1",
        "SELECT tenant_id FROM unnest($1) AS wanted (tenant_id) LEFT JOIN heads USING (tenant_id)",
        "SELECT revision FROM heads WHERE tenant_id = ANY($1) ORDER BY tenant_id FOR UPDATE",
        "DELETE FROM contacts USING keys AS k WHERE contacts.tenant_id = k.tenant_id",
        "INSERT INTO contacts (tenant_id, contact_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        "UPDATE heads SET revision = 1 WHERE (heads.tenant_id = 'a') AND (revision = 0)",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SELECT 1 FROM pg_class WHERE relname = 'x'",
    ],
)
def test_what_is_about_named_tenants_passes(statement: str) -> None:
    assert violation_of(statement, "postgres") == ""


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("SELECT * FROM contacts WHERE contact_id = $1", "contacts"),
        ("SELECT tenant_id FROM contacts", "contacts"),
        ("SELECT * FROM contacts WHERE tenant_id = $1 OR contact_id = $2", "contacts"),
        ("SELECT * FROM contacts WHERE tenant_id <> $1", "contacts"),
        (
            "SELECT * FROM contacts AS c JOIN agents AS a ON a.agent_id = c.name WHERE c.tenant_id = $1",
            "agents",
        ),
        ("SELECT * FROM heads WHERE tenant_id = $1 AND EXISTS (SELECT 1 FROM agents WHERE agent_id = $2)", "agents"),
        ("WITH old AS (DELETE FROM answers WHERE answered_at < $1) SELECT 1", "answers"),
        ("UPDATE heads SET tenant_id = $1", "heads"),
        ("INSERT INTO contacts (contact_id) VALUES ($1)", "contacts"),
    ],
)
def test_what_is_about_all_tenants_is_found(statement: str, table: str) -> None:
    assert violation_of(statement, "postgres") == table


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_the_store_sends_is_looked_at(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query without its tenant is found when it is sent, whatever the driver; the test that sent it would fail."""
    store = open_store(request.getfixturevalue(f"{kind}_url"))
    bad = store.queries.heads._replace(text=WITHOUT_TENANT[kind])
    monkeypatch.setattr(store.queries, "heads", bad)
    store.heads(["acme"])
    store.close()
    [found] = GUARD.take()
    assert found.startswith("heads is not read or written by tenant")


def test_what_reads_send_is_looked_at(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes through SQLAlchemy, too."""
    reads = open_reads(sqlite_url)
    monkeypatch.setattr(Snapshot, "held", lambda self, _: self._one(text("SELECT count(*) + 1 FROM agents")))
    with reads.snapshot("acme") as snapshot:
        snapshot.held("ana")
    reads.close()
    [found] = GUARD.take()
    assert found.startswith("agents is not read or written by tenant")
