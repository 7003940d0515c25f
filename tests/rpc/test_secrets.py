"""Secrets stay secret: canaries in everything that is one, and nowhere in what is written."""

import grpc
import pytest

from cartera.bootstrap import Service
from cartera.observability import configure_logging
from cartera.settings import Settings, SettingsError, load_settings
from tests.command_line.served import cartera
from tests.fixtures.tokens import token

pytestmark = pytest.mark.req("G7")

SECRET = "canary" * 6
AWAY = "postgresql://cartera:canary@127.0.0.1:1/cartera"


def test_settings_show_no_secret():
    """Neither the secret of tokens nor the password of the database."""
    settings = Settings(token_secret=SECRET, database_url=AWAY)
    assert settings.token_secret.get_secret_value() == SECRET
    assert "canary" not in f"{settings!r} {settings}"


COMMANDS = {
    "the database is away": (("serve",), {}),
    "the database is away, with a traceback": (("migrate",), {"CARTERA_TRACEBACK": "1"}),
    "another command": (("verify",), {}),
    "a secret that is too short": (("serve",), {"CARTERA_TOKEN_SECRET": "canary"}),
    "a password that is not encoded": (("serve",), {"CARTERA_DATABASE_URL": "postgresql://u:x@canary@127.0.0.1/x"}),
    "a password with a space": (("verify",), {"CARTERA_DATABASE_URL": "postgresql://u:can canary@127.0.0.1/x"}),
    "a password as an option": (("serve", "--database-url", AWAY), {}),
    "a password as an option of another command": (("migrate", "--database-url", AWAY), {}),
    "a setting that is wrong": (("serve", "--listen", "nonsense"), {}),
    "help": (("serve", "--help"), {}),
    "the list of settings": (("serve", "--settings"), {}),
}


@pytest.mark.parametrize(("arguments", "variables"), COMMANDS.values(), ids=COMMANDS)
def test_commands_show_no_secret(arguments, variables):
    """Whatever goes wrong."""
    environment = {"CARTERA_DATABASE_URL": AWAY, "CARTERA_TOKEN_SECRET": SECRET}
    ran = cartera(*arguments, **{**environment, **variables})
    assert ran.stdout or ran.stderr
    assert "canary" not in ran.stdout + ran.stderr


def test_a_password_has_no_place_on_the_command_line():
    """Everybody on the machine reads that; a file and the environment are the owner's."""
    ran = cartera("verify", "--database-url", AWAY)
    assert ran.returncode == 2
    assert "CARTERA_DATABASE_PASSWORD_FILE" in ran.stderr


def test_a_password_in_a_file_may_be_anything(tmp_path):
    """It is encoded for the URL; one in the URL must be."""
    file = tmp_path / "password"
    file.write_text("a b@c/d:é%41\n")
    url = load_settings(database_url="postgresql://cartera@db/x", database_password_file=file).database_url
    assert url == "postgresql://cartera:a%20b%40c%2Fd%3A%C3%A9%2541@db/x"
    with pytest.raises(SettingsError, match="percent-encoded"):
        load_settings(database_url="postgresql://cartera:a b@db/x")


@pytest.fixture
def written(log_stream):
    """Every line of the log, and those of each call."""
    configure_logging("json", "debug", log_stream)
    return log_stream


async def test_the_log_shows_no_token(settings, clock, written):
    """Neither one that was good, nor one that was not, nor where a fault of ours is logged with its traceback."""
    guarded = settings.model_copy(update={"token_secret": Settings(token_secret=SECRET).token_secret})
    service = Service(guarded, clock)
    identify = service.security.identify

    def broken(metadata, peer):
        identity = identify(metadata, peer)
        if ("cartera-break", "yes") in metadata:
            raise RuntimeError("a fault")
        return identity

    service.security.identify = broken
    await service.start()
    good, bad = token("HS256", SECRET, tenant="acme", subject="canary"), token("HS256", "another " + SECRET)
    async with grpc.aio.insecure_channel(service.address) as channel:
        call = channel.unary_unary("/cartera.routing.v1.ConfigurationService/GetTenant")
        for text, breaks in ((good, "no"), (bad, "no"), (good, "yes")):
            with pytest.raises(grpc.aio.AioRpcError):
                await call(b"\x0a\x04acme", metadata=[("authorization", f"Bearer {text}"), ("cartera-break", breaks)])
    await service.stop()
    lines = written.getvalue()
    assert "TENANT_NOT_FOUND" in lines
    assert "CALLER_UNKNOWN" in lines
    assert "in broken" in lines
    assert not any(part in lines for text in (good, bad) for part in (SECRET, *text.split(".")[1:]))
