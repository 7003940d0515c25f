"""A state's indexes as plain values, so that two states can be compared."""

from cartera.core.state import State


def indexes(state):
    """Everything that is derived from the records, without what stands empty."""
    availability = state.availability
    return {
        "ready": {each: lists for each, lists in availability._ready.items() if lists},
        "skilled": {each: lists for each, lists in availability._skilled.items() if lists},
        "chosen": dict(availability._chosen),
        "online": {spot: number for spot, number in availability._online.items() if number},
        "capacity online": {each: number for each, number in availability._capacity_online.items() if number},
        "workgroups of": {each: sorted(found) for each, found in availability._workgroups_of.items() if found},
        "positions": {each: dict(found) for each, found in availability._positions.items()},
        "offered": _lines(state.offered),
        "claimable": _lines(state.claimable),
        "queues": _lines(state.queues),
        "deadlines": list(state.deadlines._deadlines),
        "held": {agent_id: dict(held) for agent_id, held in state._holdings._held.items() if held},
        "due": dict(state._due),
        "matchable": set(state.matchable),
        "unplaced": set(state.unplaced),
        "displaced": set(state.displaced),
        "ended": set(state._ended),
        "open of contact": {each: set(found) for each, found in state._open_of_contact.items()},
        "waiting of workgroup": {each: set(found) for each, found in state._waiting_of_workgroup.items()},
        "unanswered": (state.unanswered._numbers, state.unanswered._since),
        "waiting of portfolio": {each: set(found) for each, found in state._waiting_of_portfolio.items()},
        "personal portfolios": dict(state._personal_portfolios),
        "portfolios of": {owner: set(found) for owner, found in state._portfolios_of.items()},
        "entered": {each: tuple(map(tuple, found)) for each, found in state._matching._entered.items()},
        "by idleness": set(state.by_idleness),
        "triggers": state.active_triggers(),
    }


def _lines(waiting_lines):
    return {
        (audience, demand, workgroup_id): (line.ageing_interval, [list(places) for places in line._places])
        for audience, demands in waiting_lines._lines.items()
        for demand, lines in demands.items()
        for workgroup_id, line in lines.items()
    }


def loaded(tables, *, reverse=False):
    """A state freshly loaded from records, in the order of the tables or the other way round."""
    state = State()
    records = [record for table in tables.values() for record in table.values()]
    state.load_tenant(reversed(records) if reverse else records)
    return state
