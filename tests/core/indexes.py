"""A state's indexes as plain values, so that two states can be compared."""

from cartera.core.state import State


def indexes(state):
    """Everything that is derived from the records, without what stands empty."""
    availability = state.availability
    return {
        "ready": {each: lists for each, lists in availability._ready.items() if lists},
        "online": {spot: number for spot, number in availability._online.items() if number},
        "capacity online": {each: number for each, number in availability._capacity_online.items() if number},
        "workgroups of": {each: sorted(found) for each, found in availability._workgroups_of.items() if found},
        "positions": {each: dict(found) for each, found in availability._positions.items()},
        "offered": _lines(state.offered),
        "claimable": _lines(state.claimable),
        "queues": _lines(state.queues),
        "deadlines": list(state.deadlines._deadlines),
        "units in use": {agent_id: units for agent_id, units in state._units_in_use.items() if units},
        "matchable": set(state.matchable),
        "unplaced": set(state.unplaced),
        "displaced": set(state.displaced),
        "ended": set(state._ended),
        "open of contact": {each: set(found) for each, found in state._open_of_contact.items()},
        "waiting of workgroup": {each: set(found) for each, found in state._waiting_of_workgroup.items()},
        "waiting of portfolio": {each: set(found) for each, found in state._waiting_of_portfolio.items()},
        "personal portfolios": dict(state._personal_portfolios),
        "entered": {each: tuple(map(tuple, found)) for each, found in state._entered.items()},
        "triggers": state.active_triggers(),
    }


def _lines(waiting_lines):
    return {
        (audience, channel, workgroup_id): (line.ageing_interval, [list(places) for places in line._places])
        for audience, channels in waiting_lines._lines.items()
        for channel, lines in channels.items()
        for workgroup_id, line in lines.items()
    }


def loaded(tables, *, reverse=False):
    """A state freshly loaded from records, in the order of the tables or the other way round."""
    state = State()
    records = [record for table in tables.values() for record in table.values()]
    state.load_tenant(reversed(records) if reverse else records)
    return state
