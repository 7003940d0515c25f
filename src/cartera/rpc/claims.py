"""What a token, or the file of callers with certificates, claims, and the caller that it makes.

What is not as it must be is refused, never read as something else: a claim that is misread is a caller who may too
much.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.rejection import Rejected, reject
from cartera.core.vocabulary import ErrorReason, Role

ROLES = {role.name.lower(): role for role in Role if role not in (Role.UNSPECIFIED, Role.SYSTEM)}
"""The roles that a caller may have, by the names that claims give them."""

_LONGEST_TENANT = 64
_LONGEST_ID = 128
_MOST_IDS = 1000


class ClaimNames(NamedTuple):
    """How the claims are called."""

    tenant: str = "tenant"
    role: str = "role"
    subject: str = "sub"
    workgroups: str = "workgroups"
    campaigns: str = "campaigns"

    @classmethod
    def prefixed(cls, prefix: str) -> "ClaimNames":
        """The names where the issuer demands that claims of one's own are told apart; `sub` is everybody's."""
        plain = cls()
        return cls(*(name if name == plain.subject else prefix + name for name in plain))


def unknown(problem: str) -> Rejected:
    """The refusal of a caller who has not proven who it is. The problem never quotes what proves it."""
    return reject(ErrorReason.CALLER_UNKNOWN, "caller", problem=problem)


def caller_of(claims: Mapping[str, Any], names: ClaimNames) -> Caller:
    """The caller that is claimed.

    Raises:
        Rejected: a claim is missing, or not as it must be.

    """
    role = _role(claims, names.role)
    return Caller(
        Actor(role, _identifier(claims, names.subject, _LONGEST_ID)),
        _identifier(claims, names.tenant, _LONGEST_TENANT),
        workgroup_ids=_part(claims, names.workgroups, role, Role.SUPERVISOR),
        campaign_ids=_part(claims, names.campaigns, role, Role.GATEWAY),
    )


def _role(claims: Mapping[str, Any], name: str) -> Role:
    role = ROLES.get(_identifier(claims, name, _LONGEST_ID))
    if role is None:
        raise unknown(f"the claim {name} is none of {', '.join(ROLES)}")
    return role


def _identifier(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if value is None:
        raise unknown(f"the claim {name} is missing")
    if not _is_identifier(value, longest):
        raise unknown(f"the claim {name} is no id")
    return str(value)


def _part(claims: Mapping[str, Any], name: str, role: Role, of: Role) -> frozenset[str] | None:
    """The part of the tenant that a caller of one role is confined to. None: it is not."""
    value = claims.get(name)
    if value is None:
        return None
    if role is not of:  # whoever wrote it believes that it confines the caller, and it would not
        raise unknown(f"the claim {name} is only for the role {of.name.lower()}")
    if not isinstance(value, list) or len(value) > _MOST_IDS:
        raise unknown(f"the claim {name} is no list of ids")
    if not all(_is_identifier(each, _LONGEST_ID) for each in value):
        raise unknown(f"the claim {name} is no list of ids")
    return frozenset(value)


def _is_identifier(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
