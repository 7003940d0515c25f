import json
import sqlite3
from contextlib import closing

import pytest

from tests.command_line.conftest import TENANT
from tests.command_line.served import cartera, served


def opened(url):
    """To be closed, since an open connection keeps the file from being rewritten."""
    return closing(sqlite3.connect(url.removeprefix("sqlite:///")))


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A database that a service works on."""
    directory = tmp_path_factory.mktemp("used")
    (directory / "tenant.yaml").write_text(f"tenant_id: acme\n{TENANT.format(method='round_robin')}")
    with served(directory) as service:
        options = ("--address", service.address, "--tenant", "acme")
        for command in (
            ("apply", "-f", str(directory / "tenant.yaml")),
            ("agent", "status", "ana", "online"),
            ("route", "--campaign", "voz", "--contact", "elena", "--channel", "voice"),
        ):
            ran = cartera(*command, *options)
            assert ran.returncode == 0, ran.stderr
        yield service


@pytest.fixture
def tampered(used, tmp_path):
    """A copy in which somebody changed a row by hand."""
    copy = tmp_path / "tampered.db"
    with opened(used.database_url) as source, closing(sqlite3.connect(copy)) as target, target:
        source.backup(target)
        target.execute("UPDATE agents SET name = 'Mallory' WHERE agent_id = 'carlos'")
    return f"sqlite:///{copy}"


@pytest.mark.req("G6")
def test_verify_of_a_sound_database(used):
    """Beside the running service: the rows are the fold of the log."""
    ran = cartera("verify", "--database-url", used.database_url)
    assert (ran.returncode, ran.stdout) == (0, "verified 1 tenant: the rows are the fold of the log\n")


@pytest.mark.req("G6")
def test_verify_says_what_differs(tampered):
    """A row that is not what the log says is found, named, and status 1."""
    ran = cartera("verify", "--database-url", tampered)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[0] == "cartera: 1 difference between the log and the rows"
    assert "carlos" in ran.stderr
    assert "Mallory" in ran.stderr


@pytest.mark.req("G6")
def test_rebuild_makes_the_rows_what_the_log_says(tampered):
    """As verify tells; it asks first, and once it is done there is nothing left to do."""
    told = cartera("verify", "--database-url", tampered).stderr.splitlines()[-1]
    assert told.endswith("stop the service, then run `cartera rebuild --tenant acme`")
    rebuild = ("rebuild", "--tenant", "acme", "--database-url", tampered)
    asked = cartera(*rebuild)
    assert (asked.returncode, asked.stdout.strip()) == (130, "")
    assert "Mallory" in asked.stderr
    assert cartera(*rebuild, "--yes").stdout.startswith("rebuilt acme at revision ")
    assert cartera(*rebuild).stdout == "nothing to rebuild: the rows of acme are the fold of its log\n"


@pytest.mark.req("G6")
def test_rebuild_beside_a_service(used):
    """Nothing is rewritten that a service has in memory."""
    find, change = "SELECT name FROM agents WHERE agent_id = 'carlos'", "UPDATE agents SET name = ? WHERE name = ?"
    with opened(used.database_url) as connection:
        [[name]] = connection.execute(find)
        connection.execute(change, ("Mallory", name))
        connection.commit()
    ran = cartera("rebuild", "--tenant", "acme", "--yes", "--database-url", used.database_url)
    with opened(used.database_url) as connection:
        assert connection.execute(find).fetchall() == [("Mallory",)]
        connection.execute(change, (name, "Mallory"))
        connection.commit()
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].endswith("a service uses the database: stop all of them first")


@pytest.mark.req("G6")
def test_verify_for_scripts(tampered):
    """The differences as JSON, and status 1 all the same."""
    ran = cartera("verify", "--database-url", tampered, "--json")
    assert ran.returncode == 1
    assert [(each["tenant_id"], each["record_type"], each["key"]) for each in json.loads(ran.stdout)] == [
        ("acme", "Agent", ["carlos"])
    ]


def test_verify_of_nothing(tmp_path):
    """A file that isn't there is not made, and a tenant that isn't there is no success."""
    ran = cartera("verify", "--database-url", f"sqlite:///{tmp_path}/none.db")
    assert (ran.returncode, ran.stderr) == (1, f"cartera: there is no database at {tmp_path}/none.db\n")
    assert not (tmp_path / "none.db").exists()


def test_verify_of_what_is_no_database(tmp_path):
    """Garbage is said to be garbage, in one line."""
    (tmp_path / "garbage.db").write_text("garbage" * 1000)
    ran = cartera("verify", "--database-url", f"sqlite:///{tmp_path}/garbage.db")
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.req("G8")
def test_migrate_makes_the_schema_and_is_idempotent(tmp_path):
    """An empty database is brought to the present schema, once."""
    url = f"sqlite:///{tmp_path}/new.db"
    first, second = (cartera("migrate", "--database-url", url) for _ in range(2))
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout)
    assert first.stdout.startswith("the database is at ")
    assert cartera("verify", "--database-url", url).stdout.startswith("verified 0 tenants")


def test_verify_of_an_unknown_tenant(used):
    """Who asks for one tenant wants to know that it is there."""
    ran = cartera("verify", "--database-url", used.database_url, "--tenant", "nobody")
    assert (ran.returncode, ran.stderr) == (1, "cartera: there is no tenant nobody in the database\n")
