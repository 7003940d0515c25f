"""Random small tenants: every method and setting."""

from typing import Any

from tests.oracle.chance import Chance
from tests.oracle.router.configuration import (
    Address,
    Agent,
    Campaign,
    ChannelRule,
    Condition,
    Configuration,
    Contact,
    Demand,
    Hours,
    Organization,
    OverflowStep,
    Portfolio,
    Tenant,
    Trigger,
    Workgroup,
)

AGENTS = ("ana", "bruno", "carla", "dario", "eva")
WORKGROUPS = ("w0", "w1", "w2")
CAMPAIGNS = ("k0", "k1")
PORTFOLIOS = ("p0", "p1")
KNOWN = ("c0", "c1", "c2", "c3")
SKILLS = ("french", "billing")
CHANNELS = ((), (), (), (), ("CHAT",), ("VOICE",), ("CHAT", "VOICE"))
DISPOSITIONS = (("Venta", ()), ("Queja", ("Demora", "Trato")))
BY_FEATURE = ("last_agent", "default_group", "by_channel", "longest_idle", "best_skill")
OPENING_HOURS = (
    (("MONDAY", "09:00", "18:00"),),
    (("MONDAY", "09:01", "24:00"),),
    (("MONDAY", "09:00", "09:02"), ("MONDAY", "09:04", "12:00")),
    (("MONDAY", "10:02", "10:05"), ("TUESDAY", "09:00", "18:00")),
)


def configuration(chance: Chance) -> Configuration:
    """A whole tenant."""
    return Configuration(
        tenant(chance),
        tuple(agent(chance, each) for each in AGENTS),
        tuple(workgroup(chance, each) for each in WORKGROUPS),
        tuple(campaign(chance, each) for each in CAMPAIGNS),
        tuple(trigger(chance, each) for each in ("t0", "t1")),
        (Organization("acme", ("VIP",)),),
        tuple(contact(chance, each) for each in KNOWN),
        tuple(portfolio(chance, each) for each in PORTFOLIOS),
    )


def tenant(chance: Chance) -> Tenant:
    return Tenant(chance.where("sessions", 150), channel_rules(chance))


def channel_rules(chance: Chance) -> tuple[ChannelRule, ...]:
    """C2."""
    if "channel_rules" not in chance.on:
        return ()
    return tuple(
        ChannelRule(each, chance.choose(1, 2), chance.choose(0, 0, 1, 2), chance.once_in(3))
        for each in chance.some(("CHAT", "VOICE"))
    )


def agent(chance: Chance, agent_id: str) -> Agent:
    """C1, C2, M8."""
    skilled = chance.some(SKILLS) if "skills" in chance.on else ()
    return Agent(
        agent_id,
        chance.choose(1, 1, 2, 3),
        chance.choose(*CHANNELS),
        channel_rules(chance) if chance.once_in(3) else (),
        tuple((each, chance.choose(2, 5, 8)) for each in skilled),
    )


def workgroup(chance: Chance, workgroup_id: str) -> Workgroup:
    """Chosen agents are members, and no workgroup overflows into itself."""
    members = chance.some(AGENTS, least=1)
    method = chance.choose("ROUND_ROBIN", "LEAST_LOAD", *methods(chance), "MANUAL")
    return Workgroup(
        workgroup_id,
        members,
        method,
        portfolio_mode=chance.choose("MANUAL", "MANUAL", "AUTOMATIC"),
        queue_when_nobody_online=chance.choose(True, True, False),
        ageing_interval=chance.choose(None, None, 60),
        overflow_steps=overflow_steps(chance, workgroup_id),
        queue_limit=chance.where("queue_limit", 1, 2, otherwise=0),
        longest_wait=chance.where("longest_wait", 50, 250),
        pacing=chance.where("pacing", 10),
        **waits(chance),
        **offers(chance, WORKGROUPS.index(workgroup_id)),
        **chosen(chance, method, members),
    )


def methods(chance: Chance) -> list[str]:
    return [each.upper() for each in BY_FEATURE if each in chance.on]


def chosen(chance: Chance, method: str, members: tuple[str, ...]) -> dict[str, Any]:
    """M4, M5, M6: whom the method chooses from."""
    if method == "DEFAULT_GROUP":
        return {"default_agent_ids": chance.some(members, least=1)}
    if method == "BY_CHANNEL":
        channels = chance.some(("CHAT", "VOICE"), least=1)
        return {"channel_agents": tuple((each, chance.some(members, least=1)) for each in channels)}
    if method == "LAST_AGENT":
        comparing = [each for each in methods(chance) if each in ("LONGEST_IDLE", "BEST_SKILL")]
        return {
            "last_agent_ids": chance.some(AGENTS) if chance.once_in(3) else (),
            "last_workgroup_ids": chance.choose((), (), ("w0",), ("w1",)),
            "fallback_method": chance.choose("ROUND_ROBIN", "LEAST_LOAD", *comparing),
        }
    return {}


def waits(chance: Chance) -> dict[str, Any]:
    """K2, P8."""
    return {
        "owner_wait": chance.choose(None, 40, 200),
        "owner_wait_busy": chance.where("state_waits", 0, 70),
        "owner_wait_paused": chance.where("state_waits", 0, 80),
        "owner_wait_offline": chance.where("state_waits", 0, 90),
    }


def offers(chance: Chance, apart: int) -> dict[str, Any]:
    """C9, C10, C5. Offers of two workgroups don't ring out together: no rule says which of them does so first."""
    policy = chance.where("leaving", "RETURN", "RETURN_AFTER_DEBOUNCE", otherwise="KEEP")
    return {
        "offer_timeout": chance.where("offers", 15 + apart, 33 + apart),
        "offer_cool_down": chance.where("offers", 25),
        "offer_miss_limit": chance.where("offers", 1, 2, otherwise=0),
        "wrap_up": chance.where("wrap_up", 35),
        "leaving_policy": policy,
        "leaving_debounce": 22 if policy == "RETURN_AFTER_DEBOUNCE" else None,
    }


def overflow_steps(chance: Chance, workgroup_id: str) -> tuple[OverflowStep, ...]:
    """C11: at most three steps, in the order of time."""
    if "overflow" not in chance.on or chance.once_in(3):
        return ()
    others = [each for each in WORKGROUPS if each > workgroup_id]  # none comes round to itself
    times = sorted(chance.choose(5, 18, 55, 110) for _ in range(chance.choose(1, 2, 3)))
    return tuple(overflow_step(chance, each, others) for each in times)


def overflow_step(chance: Chance, after: int, others: list[str]) -> OverflowStep:
    if others and chance.once_in(2):
        return OverflowStep(after, add_workgroup_id=others.pop(chance.choose_of_list(range(len(others)))))
    if "skills" in chance.on and chance.once_in(2):
        return OverflowStep(after, drop_skill=chance.choose(*SKILLS))
    return OverflowStep(after, priority=chance.choose(3, 4))


def campaign(chance: Chance, campaign_id: str) -> Campaign:
    """Z4, C12."""
    chat = Address("CHAT", "chat", chance.once_in(4))
    addresses = (chat,) if chance.once_in(6) else (chat, Address("VOICE", "+34900"))
    served_by = chance.some(WORKGROUPS, least=1)
    return Campaign(campaign_id, addresses, served_by, DISPOSITIONS, hours(chance))


def hours(chance: Chance) -> Hours | None:
    if "hours" not in chance.on:
        return None
    return Hours(
        chance.choose("UTC", "UTC", "Europe/Madrid"),
        chance.choose(*OPENING_HOURS),
        ("2026-03-02",) if chance.once_in(6) else (),
        chance.choose("QUEUE", "QUEUE", "WORKGROUP", "REFUSE"),
        chance.choose(*WORKGROUPS),
    )


def demands(chance: Chance) -> tuple[Demand, ...]:
    """M8."""
    if "skills" not in chance.on or chance.once_in(2):
        return ()
    levels, times = (1, 5, 8), (None, 20, 90)
    return tuple(Demand(each, chance.choose(*levels), chance.choose(*times)) for each in chance.some(SKILLS))


def trigger(chance: Chance, trigger_id: str) -> Trigger:
    """Z2."""
    return Trigger(
        trigger_id,
        chance.choose(False, False, True),
        chance.choose(1, 2),
        conditions(chance),
        conditions(chance),
        chance.choose("", "", *WORKGROUPS),
        chance.choose(0, 0, 1, 3, 4),
        ("a",) if chance.once_in(3) else (),
        demands(chance) if chance.once_in(3) else (),
    )


def conditions(chance: Chance) -> tuple[Condition, ...]:
    return tuple(condition(chance) for _ in range(chance.choose(0, 1, 1, 2)))


def condition(chance: Chance) -> Condition:
    more = ("priority", "language", "attribute", "hours") if "trigger_conditions" in chance.on else ()
    kind = chance.choose("channel", "tags", "campaign", "organization", *more)
    return Condition(kind, **chance.choose(*CONDITIONS[kind]))


CONDITIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "channel": ({"channels": ("CHAT",)}, {"channels": ("VOICE",)}, {"channels": ("CHAT",), "direction": "OUTBOUND"}),
    "tags": ({"any_of": ("VIP",)}, {"any_of": ("a", "VIP"), "none_of": ("b",)}, {"all_of": ("a", "VIP")}, {}),
    "campaign": ({"any_of": ("k0",)}, {"any_of": ("k1",)}),
    "organization": ({"any_of": ("acme",)},),
    "priority": ({"priorities": (2,)}, {"priorities": (1, 3)}, {"priorities": (4,)}),
    "language": ({"any_of": ("es",)}, {"any_of": ("en", "fr")}),
    "hours": tuple({"hours": Hours("Europe/Madrid", OPENING_HOURS[3]), "outside": each} for each in (False, True)),
    "attribute": ({"name": "plan"}, {"name": "plan", "any_of": ("gold",)}),
}


def contact(chance: Chance, contact_id: str) -> Contact:
    """Z3."""
    return Contact(
        contact_id,
        chance.choose("", "", "acme"),
        chance.choose((), (), ("VIP",)),
        chance.where("trigger_conditions", "es", "fr", otherwise=""),
        chance.where("trigger_conditions", (("plan", "gold"),), (("plan", "basic"),), otherwise=()),
    )


def portfolio(chance: Chance, portfolio_id: str) -> Portfolio:
    """P4, P6, P8, P9."""
    return Portfolio(
        portfolio_id,
        not chance.once_in(8),
        chance.some(AGENTS[:3]),
        chance.choose((), (), (), ("w0",), ("w1", "w0")),
        chance.some(AGENTS[2:]) if "backup" in chance.on else (),
        chance.where("expiry", 60, 300),
    )
