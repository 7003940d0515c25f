"""What settings must not be together: a service that others reach and that nothing guards, or that guards by halves."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cartera.addresses import is_loopback
from cartera.rpc.algorithms import OF_SECRETS, algorithms_of
from cartera.rpc.fetching import require_fetchable

if TYPE_CHECKING:
    from cartera.settings import Settings


def problems_of(settings: "Settings") -> Iterator[str]:
    """What is wrong, each in a line."""
    yield from _halves(settings)
    yield from _tokens(settings)
    if not settings.insecure:
        yield from _unguarded(settings)


def is_url(token_keys: str) -> bool:
    """Whether the keys are behind a URL, and not in a file."""
    return "://" in token_keys


def _halves(settings: "Settings") -> Iterator[str]:
    """What needs another setting beside it."""
    needs = {
        "tls_certificate_file": "tls_key_file",
        "tls_key_file": "tls_certificate_file",
        "tls_client_ca_file": "tls_certificate_file",
        "tls_client_listen": "tls_client_ca_file",
        "tls_callers_file": "tls_client_ca_file",
        "token_keys": "token_issuer",  # an issuer's keys may sign for others than us
    }
    for name, needed in needs.items():
        if getattr(settings, name) and not getattr(settings, needed):
            yield f"{_variable(name)} needs {_variable(needed)} too"


def _tokens(settings: "Settings") -> Iterator[str]:
    named = algorithms_of(settings.token_algorithms)
    if settings.token_secret and settings.token_secret_file:
        yield f"{_variable('token_secret')} and {_variable('token_secret_file')} are both set: which is it?"
    if (settings.token_secret or settings.token_secret_file) and not named & OF_SECRETS:
        yield f"{_variable('token_algorithms')} has none that a secret is for"
    if settings.token_keys and not named - OF_SECRETS:
        yield f"{_variable('token_algorithms')} has none that keys are for"
    if is_url(settings.token_keys):
        try:
            require_fetchable(settings.token_keys)
        except ValueError as error:
            yield f"{_variable('token_keys')} {error}"


def _unguarded(settings: "Settings") -> Iterator[str]:
    """The addresses that other machines reach, where a guard is missing."""
    missing = list(_missing_guards(settings))
    for listen in (settings.listen, settings.tls_client_listen):
        if listen and missing and not is_loopback(listen):
            yield (
                f"{listen} can be reached from other machines, and {' and '.join(missing)}: "
                "set them up, listen on 127.0.0.1, or say --insecure"
            )


def _missing_guards(settings: "Settings") -> Iterator[str]:
    if not settings.tls_certificate_file:
        yield f"there is no TLS ({_variable('tls_certificate_file')})"
    if not authenticates(settings):
        proofs = map(_variable, ("token_keys", "token_secret_file", "tls_callers_file"))
        yield f"there is no authentication ({', '.join(proofs)})"


def authenticates(settings: "Settings") -> bool:
    """Whether callers must prove who they are."""
    proofs = (settings.token_keys, settings.token_secret, settings.token_secret_file, settings.tls_callers_file)
    return any(proofs)


def _variable(name: str) -> str:
    return f"CARTERA_{name.upper()}"
