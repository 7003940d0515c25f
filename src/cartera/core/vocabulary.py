"""The vocabulary: enumerations with the contract's numbers, which say what each value means (`protos/`)."""

from enum import IntEnum


class Role(IntEnum):
    """What a caller is to the tenant."""

    UNSPECIFIED = 0
    ADMINISTRATOR = 1
    SUPERVISOR = 2
    AGENT = 3
    GATEWAY = 4
    SYSTEM = 5


class Channel(IntEnum):
    """How a contact and an agent talk."""

    UNSPECIFIED = 0
    VOICE = 1
    CHAT = 2
    MESSAGING = 3
    EMAIL = 4


class Direction(IntEnum):
    """Says who started an interaction."""

    UNSPECIFIED = 0
    INBOUND = 1
    OUTBOUND = 2


class Priority(IntEnum):
    """Orders the queue: higher is served sooner."""

    UNSPECIFIED = 0
    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


class AgentStatus(IntEnum):
    """An agent's presence."""

    UNSPECIFIED = 0
    ONLINE = 1
    PAUSED = 2
    OFFLINE = 3


class AssignmentMethod(IntEnum):
    """How a workgroup gives out interactions."""

    UNSPECIFIED = 0
    ROUND_ROBIN = 1
    LEAST_LOAD = 2
    MANUAL = 3


class PortfolioMode(IntEnum):
    """Says how contacts come into the portfolios of a workgroup's agents."""

    UNSPECIFIED = 0
    MANUAL = 1
    AUTOMATIC = 2


class PortfolioState(IntEnum):
    """Says whether a portfolio is in use."""

    UNSPECIFIED = 0
    ACTIVE = 1
    INACTIVE = 2


class InteractionState(IntEnum):
    """An interaction's place in its life."""

    UNSPECIFIED = 0
    RECEIVED = 1
    WAITING_FOR_OWNER = 2
    QUEUED = 3
    UNASSIGNED = 4
    ASSIGNED = 5
    COMPLETED = 6
    CANCELLED = 7


class RoutingReason(IntEnum):
    """The rule that decided where an interaction is."""

    UNSPECIFIED = 0
    EXCLUSIVE_AGENT = 1
    OWNER = 2
    ROUND_ROBIN = 3
    LEAST_LOAD = 4
    CLAIMED = 5
    ASSIGNED_BY_ADMINISTRATOR = 6
    TRANSFERRED = 7
    OWNER_NOT_AVAILABLE = 8
    EXCLUSIVE_AGENT_FULL = 9
    NO_AGENT_AVAILABLE = 10
    NOBODY_ONLINE = 11
    MANUAL = 12


class ConflictPolicy(IntEnum):
    """What AssignPortfolio does with a contact that is in another portfolio."""

    UNSPECIFIED = 0
    REPORT = 1
    MOVE = 2
    KEEP = 3


class AssignmentOutcome(IntEnum):
    """What became of one contact."""

    UNSPECIFIED = 0
    ASSIGNED = 1
    CONFLICT = 2
    MOVED = 3
    KEPT = 4
    NOT_FOUND = 5


class RemovalOutcome(IntEnum):
    """What became of one contact."""

    UNSPECIFIED = 0
    REMOVED = 1
    NOT_IN_PORTFOLIO = 2


class RoutingOutcome(IntEnum):
    """What RouteInteraction did."""

    UNSPECIFIED = 0
    ASSIGNED = 1
    OFFERED = 2
    WAITING_FOR_OWNER = 3
    QUEUED = 4
    UNASSIGNED = 5


class ConfigurationAction(IntEnum):
    """What was done to a resource."""

    UNSPECIFIED = 0
    CREATED = 1
    UPDATED = 2


class ErrorReason(IntEnum):
    """Why a call failed."""

    UNSPECIFIED = 0
    INVALID_FIELD = 1
    REQUEST_ID_REUSED = 2
    UNKNOWN_REFERENCE = 3
    DUPLICATE_VALUE = 4
    TENANT_NOT_FOUND = 5
    RESOURCE_NOT_FOUND = 6
    RESOURCE_ALREADY_EXISTS = 7
    RESOURCE_IN_USE = 8
    ETAG_MISMATCH = 9
    PERMISSION_DENIED = 10
    CALLER_UNKNOWN = 11
    CONTACT_MUST_BE_CREATED_FIRST = 12
    CONTACT_IN_ANOTHER_PORTFOLIO = 13
    PORTFOLIO_INACTIVE = 14
    AGENT_NOT_ONLINE = 15
    AGENT_AT_CAPACITY = 16
    AGENT_LACKS_CHANNEL = 17
    AGENT_NOT_IN_CAMPAIGN = 18
    AGENT_NOT_IN_WORKGROUP = 19
    AGENT_ALREADY_HOLDS = 20
    AGENT_HAS_NO_SESSION = 21
    CAMPAIGN_LACKS_CHANNEL = 22
    CAMPAIGN_ADDRESS_DIFFERS = 23
    CAMPAIGN_IS_ONLY_ONE = 24
    CAMPAIGN_UNCHANGED = 25
    INTERACTION_NOT_WAITING = 26
    INTERACTION_NOT_ASSIGNED = 27
    INTERACTION_ENDED = 28
    INTERACTION_KEPT_FOR_OWNER = 29
    INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT = 30
    NOTHING_TO_CLAIM = 31
    DISPOSITION_UNKNOWN = 32
    SUB_DISPOSITION_UNKNOWN = 33
    SUB_DISPOSITION_REQUIRED = 34
    REASON_CODE_REQUIRED = 35
    PAGE_TOKEN_INVALID = 36
    REVISION_IN_THE_FUTURE = 37
    REVISION_PRUNED = 38
    TENANT_QUEUE_FULL = 39
    WATCHER_TOO_SLOW = 40
    SERVICE_DRAINING = 41
    DATABASE_UNAVAILABLE = 42
    DEADLINE_PASSED = 43
    METHOD_NOT_IMPLEMENTED = 44
    MESSAGE_MALFORMED = 45
    TOO_MANY_STREAMS = 46
    INTERNAL = 47
