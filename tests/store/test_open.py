"""A database's URL says which store it is."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from cartera.store.engines import conninfo_of
from cartera.store.open import backend_of, open_reads, open_store


@pytest.mark.req("G5")
@pytest.mark.parametrize(
    ("url", "backend"),
    [
        ("sqlite:///cartera.db", "sqlite"),
        ("sqlite:////var/lib/cartera/cartera.db", "sqlite"),
        ("postgresql://user:secret@host:5433/cartera?sslmode=require", "postgresql"),
        ("postgresql:///cartera?host=/run/postgresql", "postgresql"),
        ("postgresql+psycopg://host/cartera", "postgresql"),
        ("postgres://host/cartera", "postgresql"),
    ],
)
def test_a_url_names_its_database(url: str, backend: str) -> None:
    assert backend_of(url) == backend
    open_store(url).close()
    open_reads(url).close()


@pytest.mark.parametrize(
    "url", ["", "cartera.db", "sqlite://", "sqlite:///:memory:", "mysql://user:secret@host/cartera"]
)
def test_another_url_is_refused_without_its_password_being_shown(url: str) -> None:
    for opens in (open_store, open_reads):
        with pytest.raises(ValueError, match="A database URL is") as raised:
            opens(url)
        assert "secret" not in str(raised.value)


@pytest.mark.req("G5")
@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://ana:top%20secret+@host:5433/my%20db", "ana|top secret+|host|5433|my db|"),
        (
            "postgresql:///calls?host=/run&options=-c%20search_path%3Dcalls",
            "||/run||calls|-c search_path=calls",
        ),
        ("postgres://ana@/cartera?host=a:1&host=b:2", "ana||a,b|1,2|cartera|"),
    ],
)
def test_all_parts_of_a_url_come_to_the_driver_as_they_are_meant(url: str, parts: str) -> None:
    """Spaces too, wherever they are."""
    understood = conninfo_to_dict(conninfo_of(url))
    names = ("user", "password", "host", "port", "dbname", "options")
    assert "|".join(str(understood.get(name, "")) for name in names) == parts
