"""Neighbours: how long the calls of some tenants take while another one floods the service."""

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from benchmarks.callers import Callers
from benchmarks.calls import TENANTS
from benchmarks.case import Case, case_of
from benchmarks.databases import running_database
from benchmarks.plan import Plan
from benchmarks.pressure import Pace, Pressed, Sources, pooled
from benchmarks.routing import MANY
from benchmarks.servers import Server, running
from benchmarks.tenants import set_up

FLOOD, OTHERS = [0], range(1, TENANTS)

USUAL = 0.5
"""How much of its share a tenant usually asks for: a service that is always full would be too small."""

TIMES = 10
"""How many times its share the flood is."""

AT_ONCE = 256
"""How many interactions a gateway keeps going; those of a flood wait there."""

AGAINST = (
    "the same without the flood, in the same run: seven tenants route and complete at half of an eighth of what the "
    "service does in all; the eighth tenant asks for half of its share, or for ten times its share, 256 at once"
)


def noisy_neighbour_p99_ratio(plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Case:
    """The time within which 99 of 100 routes of the others are answered with the flood, over that without."""
    with ExitStack() as stack:
        database = stack.enter_context(running_database("postgres"))
        server = stack.enter_context(running(["cartera", database.url], database.pid))
        stack.enter_context(server.kept_apart())
        set_up(server.address)
        share = _share(server, plan)
        sources = stack.enter_context(Sources([0, 10]))
        quiet, noisy = [], []
        for run in range(1, plan.runs + 1):
            progress(f"noisy neighbour, run {run} of {plan.runs}")
            # There and back again, so that what the machine does meanwhile comes to both alike.
            there, flooded = sources.press(*_paces(server, share, USUAL, plan)), _paces(server, share, TIMES, plan)
            with_flood = [sources.press(*flooded), sources.press(*flooded)]
            back = sources.press(*_paces(server, share, USUAL, plan))
            quiet.append(_together([there, back]))
            noisy.append(_together(with_flood))
    return _case(share, quiet, noisy)


def _share(server: Server, plan: Plan) -> float:
    """Routes per second that are a tenant's share of what the service does."""
    with Callers() as callers:
        callers.load(server, MANY, plan.warm_seconds)
        sample = callers.load(server, MANY, plan.load_seconds)
    return sample.routes / sample.seconds / TENANTS


def _paces(server: Server, share: float, times: float, plan: Plan) -> tuple[Pace, Pace]:
    seconds = plan.load_seconds
    others = Pace(server.address, OTHERS, len(OTHERS) * share * USUAL, seconds)
    return others, Pace(server.address, FLOOD, share * times, seconds, AT_ONCE)


def _together(pressed: list[list[Pressed]]) -> list[Pressed]:
    """What became of the paces each time, as one for each pace."""
    return [pooled(of_pace) for of_pace in zip(*pressed, strict=True)]


def _case(share: float, quiet: list[list[Pressed]], noisy: list[list[Pressed]]) -> Case:
    runs = [
        with_flood.latency_ms(0.99) / without.latency_ms(0.99)
        for (without, _), (with_flood, _) in zip(quiet, noisy, strict=True)
    ]
    floods = [flood for _, flood in noisy]
    medians = {
        "others' p99 ms without": _of(lambda pressed: pressed.latency_ms(0.99), [others for others, _ in quiet]),
        "with": _of(lambda pressed: pressed.latency_ms(0.99), [others for others, _ in noisy]),
        "others' p50 ms without": _of(lambda pressed: pressed.latency_ms(0.5), [others for others, _ in quiet]),
        "with ": _of(lambda pressed: pressed.latency_ms(0.5), [others for others, _ in noisy]),
        "others refused": sum(others.refused for others, _ in noisy),
        "a share, routes per second": round(share),
        "the flood's calls": round(median(flood.calls for flood in floods)),
        "of which refused %": _of(lambda flood: 100 * flood.refused / flood.calls, floods),
        "told to wait s, the median and the longest": {
            "median": _of(lambda flood: flood.told[len(flood.told) // 2] if flood.told else 0.0, floods),
            "longest": _of(lambda flood: flood.told[-1] if flood.told else 0.0, floods),
        },
    }
    return case_of("noisy_neighbour_p99_ratio", "x", AGAINST, runs, medians)


def _of(figure: Callable[[Pressed], float], pressed: list[Pressed]) -> float:
    return float(f"{median(map(figure, pressed)):.3g}")
