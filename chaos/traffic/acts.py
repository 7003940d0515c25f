"""What callers do: each act is a request, made of what is known of the floor and of chance."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from google.protobuf.message import Message

from chaos.traffic import attending, belonging, reading
from chaos.traffic.floor import Floor

Make = Callable[[Floor, Random], Message | None]


class Act(NamedTuple):
    """What a caller may do; None of a request is that there is nothing to do it to."""

    weight: int
    make: Make


ACTS = (
    Act(22, attending.route),
    Act(16, attending.accept),
    Act(3, attending.reject),
    Act(24, attending.complete),
    Act(5, attending.finish_wrap_up),
    Act(5, attending.cancel),
    Act(7, attending.transfer),
    Act(4, attending.claim),
    Act(4, attending.claim_next),
    Act(2, attending.assign),
    Act(2, attending.write_note),
    Act(3, attending.report_delivery),
    Act(8, belonging.set_status),
    Act(2, belonging.extend_session),
    Act(2, belonging.assign_portfolio),
    Act(1, belonging.remove_from_portfolio),
    Act(1, belonging.add_to_own_portfolio),
    Act(1, belonging.create_contact),
    Act(1, belonging.delete_contact),
    Act(1, belonging.set_exclusive_agent),
    Act(1, belonging.remove_exclusive_agent),
    Act(1, belonging.update_agent),
    Act(2, attending.would_route),
    Act(1, attending.would_transfer),
    Act(1, belonging.would_assign_portfolio),
    Act(5, reading.get_interaction),
    Act(8, reading.list_interactions),
    Act(2, reading.get_agent),
    Act(1, reading.list_agents),
    Act(1, reading.list_portfolio_contacts),
    Act(1, reading.get_contact),
    Act(1, reading.get_workgroup),
)
"""All of them, each with how often it is chosen."""

_WEIGHTS = [act.weight for act in ACTS]


def any_act(chance: Random) -> Make:
    return chance.choices(ACTS, _WEIGHTS)[0].make
