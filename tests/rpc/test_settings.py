"""Settings: from the environment, safe, and wrong in one line."""

import pytest
from sqlalchemy.engine import make_url

from cartera.addresses import is_loopback
from cartera.settings import DEFAULT_LISTEN, SettingsError, load_settings

LOOPBACK = ["127.0.0.1:7733", "127.8.9.1:0", "localhost:1", "[::1]:7733"]
BEYOND = ["0.0.0.0:7733", "[::]:7733", "10.0.0.1:7733", "example.org:7733", "localhost.example.org:1"]


@pytest.mark.req("G5")
def test_nothing_has_to_be_set(monkeypatch, tmp_path):
    """Without any setting it is SQLite in the user's data directory, on loopback."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.listen == DEFAULT_LISTEN
    assert settings.database_url == f"sqlite:///{tmp_path}/cartera/cartera.db"


def test_every_setting_can_come_from_the_environment(monkeypatch):
    """CARTERA_… sets it; what is given on the command line comes first."""
    monkeypatch.setenv("CARTERA_LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("CARTERA_DRAIN_SECONDS", "7")
    assert load_settings(listen=None).listen == "127.0.0.1:1"
    assert load_settings(listen="127.0.0.1:2").listen == "127.0.0.1:2"
    assert load_settings().drain_seconds == 7


@pytest.mark.req("G7")
@pytest.mark.parametrize("listen", BEYOND)
def test_it_refuses_to_be_reached_from_other_machines(listen):
    """Without TLS and authentication it stays on loopback, unless told otherwise in so many words."""
    with pytest.raises(SettingsError, match="--insecure"):
        load_settings(listen=listen)
    assert load_settings(listen=listen, insecure=True).listen == listen


@pytest.mark.parametrize("listen", LOOPBACK)
def test_loopback_needs_no_word(listen):
    """What only this machine reaches is safe."""
    assert is_loopback(listen)
    assert load_settings(listen=listen).listen == listen


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "7733"),
        ("listen", ":7733"),
        ("listen", "127.0.0.1:x"),
        ("listen", "127.0.0.1:70000"),
        ("batch", "0"),
        ("log_format", "xml"),
        ("drain_seconds", "-1"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(monkeypatch, name, value):
    """The setting is named as it is in the environment, without a traceback to read."""
    monkeypatch.setenv(f"CARTERA_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"CARTERA_{name.upper()}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_wrong_settings_are_named_at_once(monkeypatch):
    """In one line still."""
    wrong = {"CARTERA_BATCH": "abc", "CARTERA_QUEUE": "-1", "CARTERA_LOG_FORMAT": "xml"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert [name for name in wrong if f"({name}): " in str(caught.value)] == list(wrong)
    assert "\n" not in str(caught.value)


def test_the_password_of_the_database_may_stand_in_a_file(monkeypatch, tmp_path):
    """Whatever it is made of, and in no line that says what is wrong; SQLite has none."""
    (tmp_path / "password").write_text("p@ss/w:rd\n")
    monkeypatch.setenv("CARTERA_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    url = load_settings(database_url="postgresql://cartera@db/cartera?sslmode=require").database_url
    assert make_url(url).password == "p@ss/w:rd"
    assert url.endswith("@db/cartera?sslmode=require")
    assert load_settings(database_url="sqlite:///a.db").database_url == "sqlite:///a.db"
    monkeypatch.setenv("CARTERA_DATABASE_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"CARTERA_DATABASE_PASSWORD_FILE.*can't be read"):
        load_settings()
