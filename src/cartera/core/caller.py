"""Callers: who asks, of which tenant, and for which part of it (G7)."""

from typing import NamedTuple

from cartera.core.records import SYSTEM, Actor


class Caller(NamedTuple):
    """Who calls, as its token or certificate says. What a caller may not is decided in `permission`."""

    actor: Actor
    tenant_id: str | None = None
    """The only tenant that it may name. None: any, where nobody has to prove who it is."""
    workgroup_ids: frozenset[str] | None = None
    """The workgroups of a supervisor. None: those that name it as theirs (K7)."""
    campaign_ids: frozenset[str] | None = None
    """The campaigns that a gateway serves. None: all."""


TIME = Caller(SYSTEM)
"""By whom is done what falls due."""
