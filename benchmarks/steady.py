"""A steady pace: how long calls take while the service has time for them, as it mostly has."""

import time

from benchmarks.callers import LoadFailed, Sample
from benchmarks.calls import TENANTS
from benchmarks.pressure import Pace, Sources
from benchmarks.servers import Server

ROUTES_PER_SECOND = 100
"""As many interactions as come to a very large contact centre, and twice as many calls: each is completed, too."""


def load_steadily(sources: Sources, server: Server, seconds: float) -> Sample:
    """Have interactions of all tenants come at the pace for so long, each whether those before are answered or not."""
    pace = Pace(server.address, range(TENANTS), ROUTES_PER_SECOND, seconds, at_random=True)
    cpu, database_cpu, began = server.cpu_seconds(), server.database_cpu_seconds(), time.perf_counter()
    (pressed,) = sources.press(pace)
    ended = time.perf_counter()
    if pressed.refused:
        raise LoadFailed(f"{pressed.refused} calls were refused at a pace that leaves time")
    cpu, database_cpu = server.cpu_seconds() - cpu, server.database_cpu_seconds() - database_cpu
    return Sample(len(pressed.latencies), pressed.calls, ended - began, pressed.latencies, cpu, database_cpu)
