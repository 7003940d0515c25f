"""LAST_AGENT (M4): the agent who attended the contact last, online or not; for a contact without one, its fallback."""

from cartera.core.methods.method import Method
from cartera.core.methods.round_robin import pick_next, rank_by_position
from cartera.core.vocabulary import RoutingReason

LAST_AGENT = Method(RoutingReason.LAST_AGENT, rank_by_position, pick_next, remembers=True)
