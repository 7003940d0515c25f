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
    LAST_AGENT = 4
    DEFAULT_GROUP = 5
    BY_CHANNEL = 6
    LONGEST_IDLE = 7
    BEST_SKILL = 8


class LeavingPolicy(IntEnum):
    """What becomes of an agent's interactions when it goes offline."""

    UNSPECIFIED = 0
    KEEP = 1
    RETURN = 2
    RETURN_AFTER_DEBOUNCE = 3


class OutsideHours(IntEnum):
    """What becomes of an interaction that arrives outside a campaign's business hours."""

    UNSPECIFIED = 0
    QUEUE = 1
    WORKGROUP = 2
    REFUSE = 3


class DayOfWeek(IntEnum):
    """A day of the week."""

    UNSPECIFIED = 0
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7


class DeliveryState(IntEnum):
    """How far a message has come."""

    UNSPECIFIED = 0
    PENDING = 1
    DELIVERED = 2
    READ = 3


class OwnershipChangeKind(IntEnum):
    """How a contact's or a portfolio's owners changed."""

    UNSPECIFIED = 0
    ASSIGNED = 1
    MOVED = 2
    REMOVED = 3
    EXPIRED = 4
    HANDED_OVER = 5
    JOINED = 6


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
    OFFERED = 8
    WRAP_UP = 9
    EXPIRED = 10


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
    LAST_AGENT = 13
    DEFAULT_GROUP = 14
    BY_CHANNEL = 15
    LONGEST_IDLE = 16
    BEST_SKILL = 17
    BACKUP_OWNER = 18
    LAST_AGENT_FULL = 19
    OUTSIDE_HOURS = 20


class DecisionCause(IntEnum):
    """What set off a decision about an interaction (W3)."""

    UNSPECIFIED = 0
    ARRIVED = 1
    TRANSFERRED_TO_CAMPAIGN = 2
    TRANSFERRED_TO_WORKGROUP = 3
    RETURNED = 4
    REROUTED = 5
    OFFER_REJECTED = 6
    OFFER_MISSED = 7
    OFFER_WITHDRAWN = 8
    OWNER_WAIT_ENDED = 9
    HOURS_BEGAN = 10
    OVERFLOWED = 11
    SKILL_DROPPED = 12
    AGENT_AVAILABLE = 13
    CLAIMED = 14
    ASSIGNED_BY_ADMINISTRATOR = 15
    TRANSFERRED_TO_AGENT = 16
    OFFER_ACCEPTED = 17
    MESSAGE_JOINED = 18


class EntryHours(IntEnum):
    """How an interaction that entered a campaign met its business hours (W3)."""

    UNSPECIFIED = 0
    ALWAYS_OPEN = 1
    OPEN = 2
    NOT_BOUND = 3
    HELD = 4
    OTHER_WORKGROUP = 5


class SelectionStep(IntEnum):
    """Whom an interaction looks to for an agent, in the order in which they are asked (W3)."""

    UNSPECIFIED = 0
    EXCLUSIVE_AGENT = 1
    OWNER = 2
    BACKUP_OWNER = 3
    LAST_AGENT = 4
    OWN_WORKGROUP = 5
    OVERFLOW_WORKGROUP = 6


class NotAsked(IntEnum):
    """Why a step was not asked for an agent (W3)."""

    UNSPECIFIED = 0
    DECIDED_BEFORE = 1
    OUTSIDE_HOURS = 2
    HAS_EXCLUSIVE_AGENT = 3
    NO_EXCLUSIVE_AGENT = 4
    METHOD_MANUAL = 5
    OWNER_WAIT = 6
    NO_PORTFOLIO = 7
    PORTFOLIO_INACTIVE = 8
    PORTFOLIO_WITHOUT_OWNERS = 9
    PASSED_ON_BY_OWNER = 10
    BELONGS_TO_NOBODY = 11
    NO_BACKUP_AGENTS = 12
    METHOD_WITHOUT_LAST_AGENT = 13
    NO_LAST_AGENT = 14
    LAST_AGENT_LACKS_CHANNEL = 15
    LAST_AGENT_NOT_CHOSEN = 16
    PASSED_ON_BY_LAST_AGENT = 17
    NO_OVERFLOW = 18


class LeftOut(IntEnum):
    """Why a candidate was not chosen (W3)."""

    UNSPECIFIED = 0
    AGENT_DELETED = 1
    OFFLINE = 2
    PAUSED = 3
    LACKS_CHANNEL = 4
    NOT_TAKING_CHANNEL = 5
    NO_FREE_SLOT = 6
    CHANNEL_LIMIT_REACHED = 7
    HOLDS_EXCLUSIVE_CHANNEL = 8
    COOLING_DOWN = 9
    LACKS_SKILL = 10
    NOT_CHOSEN_FOR_METHOD = 11
    LOWER_SKILL_SCORE = 12
    RANKED_BEHIND = 13


class ComparisonKey(IntEnum):
    """What candidates are compared by (W3)."""

    UNSPECIFIED = 0
    SKILL_SCORE = 1
    LOAD = 2
    LAST_ASSIGNED_AT = 3
    IDLE_SINCE = 4
    TURN = 5
    POSITION = 6


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


class AuditedObject(IntEnum):
    """A kind of thing to which something is done."""

    UNSPECIFIED = 0
    TENANT = 1
    AGENT = 2
    WORKGROUP = 3
    CAMPAIGN = 4
    TRIGGER = 5
    ORGANIZATION = 6
    SCRIPT = 7
    PORTFOLIO = 8
    CONTACT = 9
    INTERACTION = 10


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
    INTERACTION_NOT_OFFERED = 48
    INTERACTION_NOT_IN_WRAP_UP = 49
    WORKGROUP_QUEUE_FULL = 50
    CAMPAIGN_CLOSED = 51
    AGENT_LACKS_SKILL = 52
    METHOD_LACKS_AGENTS = 53
    NOT_A_MEMBER = 54
    OVERFLOW_CYCLE = 55
    TIME_ZONE_UNKNOWN = 56
    HOURS_INVALID = 57
    NOTE_NOT_FOUND = 58
    CHANNEL_LACKS_DELIVERY_STATES = 59
    DECISION_NOT_FOUND = 60
    AGENT_UNCHANGED = 61
    REVISION_REPLACED = 62
    TOKEN_EXPIRED = 63
    KEYS_UNAVAILABLE = 64
    CALLER_QUEUE_FULL = 65
