"""`cartera token`: what it makes is what the service takes."""

import json
import stat

import pytest

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.rpc.key_sources import Keys
from cartera.rpc.keys import keys_of_document, keys_of_secrets
from cartera.rpc.security import Unchanging
from cartera.rpc.tokens import TokenRules, Tokens
from tests.command_line.served import cartera

pytestmark = pytest.mark.req("G7")

ANA = ("token", "--tenant", "acme", "--role", "agent", "--subject", "ana")


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text("the secret of this development machine\nthe one that was before it on this\n")
    return file


def identity(text, keys, now=0.0, **rules):
    return Tokens(Keys(Unchanging(keys)), TokenRules(**{"audience": "cartera", **rules}), lambda: now).identify(text)


def test_a_token_of_a_secret_is_taken(secret):
    """By whoever knows the secret, for as long as was said."""
    ran = cartera(*ANA, "--expires", "8h", "--secret-file", str(secret))
    identified = identity(ran.stdout.strip(), keys_of_secrets(secret.read_bytes()), now=1e9, leeway=1e9)
    assert identified.caller == Caller(Actor(Role.AGENT, "ana"), "acme")
    _, claims = (json.loads(part) for part in decoded(ran.stdout))
    assert claims["exp"] - claims["iat"] == 8 * 3600


def decoded(text):
    from jwt.utils import base64url_decode  # noqa: PLC0415 - only to look inside

    return [base64url_decode(part) for part in text.strip().split(".")[:2]]


def test_a_token_of_a_new_key_is_taken(tmp_path):
    """With the keys file that was made with it; those that were in it stay."""
    keys, first, second = (tmp_path / name for name in ("keys.json", "first.pem", "second.pem"))
    for key in (first, second):
        assert cartera("token", "keys", "--signing-key", str(key), "--keys", str(keys)).returncode == 0
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    sofia = ("token", "--tenant", "acme", "--role", "supervisor", "--subject", "sofia", "--workgroup", "vip")
    for key in (first, second):
        ran = cartera(*sofia, "--workgroup", "sales", "--signing-key", str(key), CARTERA_TOKEN_ISSUER="me")
        identified = identity(ran.stdout.strip(), keys_of_document(keys.read_bytes()), issuer="me", leeway=1e10)
        workgroups = frozenset({"vip", "sales"})
        assert identified.caller == Caller(Actor(Role.SUPERVISOR, "sofia"), "acme", workgroup_ids=workgroups)
    assert "PRIVATE" not in keys.read_text()
    assert '"d"' not in keys.read_text()


REFUSED = [
    ((), "signed with what?"),
    (("--secret-file", "nowhere"), "nowhere cannot be read"),
    (("--signing-key", "{secret}"), "no private key"),
    (("--secret-file", "{secret}", "--expires", "soon"), "must be like 30m"),
    (("--secret-file", "{secret}", "--role", "boss"), "role is none of"),
    (("--secret-file", "{secret}", "--workgroup", "vip"), "only for the role supervisor"),
]


@pytest.mark.parametrize(("arguments", "problem"), REFUSED)
def test_what_the_service_would_not_take_is_not_made(secret, arguments, problem):
    """In one line."""
    ran = cartera(*ANA, *(each.format(secret=secret) for each in arguments))
    assert ran.returncode != 0
    assert ran.stdout == ""
    assert problem in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_key_that_is_there_is_not_lost(tmp_path):
    """Nor the set of keys, where it is none."""
    key, keys = tmp_path / "key.pem", tmp_path / "keys.json"
    key.write_text("precious")
    assert cartera("token", "keys", "--signing-key", str(key), "--keys", str(keys)).returncode == 1
    assert (key.read_text(), keys.exists()) == ("precious", False)
    keys.write_text("precious")
    assert cartera("token", "keys", "--signing-key", str(tmp_path / "other"), "--keys", str(keys)).returncode == 1
    assert keys.read_text() == "precious"
