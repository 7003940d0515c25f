"""From settings to what guards the service."""

from pathlib import Path

from cartera.rpc.algorithms import algorithms_of
from cartera.rpc.claims import ClaimNames
from cartera.rpc.security import SecurityOptions, TokenKeys
from cartera.rpc.tokens import TokenRules
from cartera.safety import is_url
from cartera.settings import Settings


def security_options(settings: Settings) -> SecurityOptions:
    """What proves a caller, and what secures its connection."""
    keys = settings.token_keys
    return SecurityOptions(
        token_keys=TokenKeys(
            url=keys if is_url(keys) else None,
            file=Path(keys) if keys and not is_url(keys) else None,
            secret_file=settings.token_secret_file,
            secret=settings.token_secret,
            every=settings.token_keys_seconds,
        ),
        token_rules=TokenRules(
            audience=settings.token_audience,
            issuer=settings.token_issuer or None,
            algorithms=algorithms_of(settings.token_algorithms),
            leeway=settings.token_leeway_seconds,
            names=ClaimNames.prefixed(settings.token_claims_prefix),
        ),
        callers=settings.tls_callers_file,
        certificate=settings.tls_certificate_file,
        key=settings.tls_key_file,
        client_authorities=settings.tls_client_ca_file,
        look_seconds=settings.files_seconds,
    )
