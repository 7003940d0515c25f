"""A service that others reach is guarded, and by no halves."""

import pytest

from cartera.rpc.keys import algorithm_of
from cartera.settings import SettingsError, load_settings
from tests.fixtures.tokens import private_key

pytestmark = pytest.mark.req("G7")

TLS = {"tls_certificate_file": "c", "tls_key_file": "k"}
CLIENTS = {**TLS, "tls_client_ca_file": "ca"}
PROOFS = [
    {"token_secret_file": "s"},
    {"token_secret": "s" * 32},
    {"token_keys": "keys.json", "token_issuer": "i"},
    {"token_keys": "https://issuer.test/keys", "token_issuer": "i"},
]


def problem_with(**settings):
    with pytest.raises(SettingsError) as caught:
        load_settings(**settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("proof", PROOFS)
def test_with_tls_and_authentication_others_may_reach_it(proof):
    """Tokens of any kind."""
    assert load_settings(listen="0.0.0.0:1", **TLS, **proof)


def test_certificates_of_clients_are_authentication_too():
    """Where a file says who they are; that a client has one says nothing."""
    assert load_settings(listen="0.0.0.0:1", **CLIENTS, tls_callers_file="y")
    assert "no authentication" in problem_with(listen="0.0.0.0:1", **CLIENTS)


@pytest.mark.parametrize("listen", ["listen", "tls_client_listen"])
def test_each_half_that_is_missing_is_named(listen):
    """TLS, authentication or both; at either address."""
    at = {"listen": "127.0.0.1:1", listen: "192.0.2.1:1"}
    if listen == "listen":
        both = problem_with(**at)
        assert "no TLS (CARTERA_TLS_CERTIFICATE_FILE)" in both
        assert "no authentication (CARTERA_TOKEN_KEYS, CARTERA_TOKEN_SECRET_FILE, CARTERA_TLS_CALLERS_FILE)" in both
        assert "no authentication" not in problem_with(**at, **PROOFS[0])
    one = problem_with(**at, **CLIENTS)
    assert "no TLS" not in one
    assert "no authentication" in one
    assert load_settings(**at, **CLIENTS, insecure=True)


WRONG = [
    ({"tls_certificate_file": "c"}, "CARTERA_TLS_CERTIFICATE_FILE needs CARTERA_TLS_KEY_FILE"),
    ({"tls_key_file": "k"}, "CARTERA_TLS_KEY_FILE needs CARTERA_TLS_CERTIFICATE_FILE"),
    ({"tls_client_ca_file": "ca"}, "CARTERA_TLS_CLIENT_CA_FILE needs CARTERA_TLS_CERTIFICATE_FILE"),
    ({**TLS, "tls_client_listen": "127.0.0.1:1"}, "CARTERA_TLS_CLIENT_LISTEN needs CARTERA_TLS_CLIENT_CA_FILE"),
    ({**TLS, "tls_callers_file": "y"}, "CARTERA_TLS_CALLERS_FILE needs CARTERA_TLS_CLIENT_CA_FILE"),
    ({"token_keys": "keys.json"}, "CARTERA_TOKEN_KEYS needs CARTERA_TOKEN_ISSUER"),
    ({"token_keys": "http://issuer.test/keys", "token_issuer": "i"}, "must be https"),
    ({"token_secret": "s" * 32, "token_secret_file": "s"}, "which is it?"),
    ({"token_secret_file": "s", "token_algorithms": "ES256"}, "none that a secret is for"),
    ({"token_keys": "keys.json", "token_issuer": "i", "token_algorithms": "HS256"}, "none that keys are for"),
    ({"token_algorithms": "none"}, "must be some of RS256, ES256, EdDSA, HS256"),
    ({"token_algorithms": "ES256,none"}, "must be some of"),
    ({"token_algorithms": ""}, "must be some of"),
    ({"token_audience": ""}, "CARTERA_TOKEN_AUDIENCE"),
]


@pytest.mark.parametrize(("settings", "problem"), WRONG)
def test_settings_that_guard_by_halves_are_refused(settings, problem):
    """On loopback too: whoever wrote them believes in them."""
    assert problem in problem_with(listen="127.0.0.1:1", **settings)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_key_is_for_one_algorithm(algorithm):
    """Which, the key says."""
    assert algorithm_of(private_key(algorithm).public_key()) == algorithm
