"""What is asked of the router. Interactions are named by their number, in the order of arrival, from 0.

`by` is the agent who asks; empty is an administrator.
"""

from dataclasses import dataclass

from tests.oracle.router.configuration import Brief, Demand, Resource


@dataclass(frozen=True, repr=False)
class Route(Brief):
    """An interaction arrives (Z1)."""

    contact_id: str
    campaign_id: str
    channel: str
    address: str = ""
    direction: str = "INBOUND"
    priority: int = 0
    tags: tuple[str, ...] = ()
    language: str = ""
    skills: tuple[Demand, ...] = ()


@dataclass(frozen=True, repr=False)
class SetStatus(Brief):
    """An agent is ONLINE, PAUSED or OFFLINE (C3)."""

    agent_id: str
    status: str
    channels: tuple[str, ...] = ()
    reason_code: str = ""
    by: str = ""


@dataclass(frozen=True, repr=False)
class ExtendSession(Brief):
    """An agent's session begins anew (C4)."""

    agent_id: str
    by: str = ""


@dataclass(frozen=True, repr=False)
class AcceptOffer(Brief):
    """An agent takes what it is offered (C9)."""

    number: int
    agent_id: str
    by: str = ""


@dataclass(frozen=True, repr=False)
class RejectOffer(Brief):
    """An agent declines what it is offered (C9)."""

    number: int
    agent_id: str
    by: str = ""


@dataclass(frozen=True, repr=False)
class Claim(Brief):
    """An agent takes what waits: a given interaction, or the next (M9)."""

    agent_id: str
    number: int | None = None
    by: str = ""


@dataclass(frozen=True, repr=False)
class Assign(Brief):
    """An administrator gives what waits to an agent (M10)."""

    number: int
    agent_id: str
    over_capacity: bool = False


@dataclass(frozen=True, repr=False)
class Transfer(Brief):
    """An interaction is passed on: to an agent (T1), a campaign (T2) or a workgroup (T4)."""

    number: int
    agent_id: str = ""
    campaign_id: str = ""
    workgroup_id: str = ""
    disposition: str = ""
    by: str = ""


@dataclass(frozen=True, repr=False)
class Complete(Brief):
    """An interaction ends with a disposition (T5)."""

    number: int
    disposition: str
    sub_disposition: str = ""
    by: str = ""


@dataclass(frozen=True, repr=False)
class FinishWrapUp(Brief):
    """The time after an interaction is over (C10)."""

    number: int
    by: str = ""


@dataclass(frozen=True, repr=False)
class Cancel(Brief):
    """The contact has left."""

    number: int


@dataclass(frozen=True, repr=False)
class AssignPortfolio(Brief):
    """Contacts are put into a portfolio (P2)."""

    portfolio_id: str
    contact_ids: tuple[str, ...]
    policy: str = "REPORT"


@dataclass(frozen=True, repr=False)
class AddToOwn(Brief):
    """A contact is put into an agent's own portfolio (K5)."""

    agent_id: str
    contact_id: str


@dataclass(frozen=True, repr=False)
class RemoveFromPortfolio(Brief):
    """Contacts are taken out of a portfolio (P3)."""

    portfolio_id: str
    contact_ids: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class HandOver(Brief):
    """All that one agent owns goes to another (P9)."""

    from_agent_id: str
    to_agent_id: str


@dataclass(frozen=True, repr=False)
class SetExclusive(Brief):
    """A contact has an exclusive agent in a campaign (E1)."""

    contact_id: str
    campaign_id: str
    agent_id: str


@dataclass(frozen=True, repr=False)
class RemoveExclusive(Brief):
    """It has none any more (E1)."""

    contact_id: str
    campaign_id: str


@dataclass(frozen=True, repr=False)
class Save(Brief):
    """A resource is created or changed."""

    resource: Resource


Command = (
    Route
    | SetStatus
    | ExtendSession
    | AcceptOffer
    | RejectOffer
    | Claim
    | Assign
    | Transfer
    | Complete
    | FinishWrapUp
    | Cancel
    | AssignPortfolio
    | AddToOwn
    | RemoveFromPortfolio
    | HandOver
    | SetExclusive
    | RemoveExclusive
    | Save
)
