"""Calls and attacks on the real service, on SQLite and on PostgreSQL, for as long as it is told; scripts/fuzz calls it.

python -m tests.fuzz.hostile_calls SECONDS
"""

import random
import sys
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.databases import running_database
from tests.fuzz.attacks import ATTACKS
from tests.fuzz.messages import hostile
from tests.fuzz.served import ServedTenant, served
from tests.fuzz.targets import CALLERS, METHODS

UNARY = [method for method in METHODS if not method.streams]
AT_ONCE = 200
"""Examples between two looks at the clock."""


def press(tenant: ServedTenant, seconds: float) -> int:
    """Call for so long. Returns how many calls that were."""
    calls, end, chance = 0, time.monotonic() + seconds, random.Random()

    @settings(max_examples=AT_ONCE, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def call(data: st.DataObject) -> None:
        nonlocal calls
        calls += 1
        method = data.draw(st.sampled_from(UNARY))
        tenant.send(method, data.draw(hostile(method.request.DESCRIPTOR)), data.draw(st.sampled_from(CALLERS)))

    while time.monotonic() < end:
        call()
        for attack in ATTACKS:
            attack(tenant.address, chance)
            assert tenant.honest_call_works()
    return calls


if __name__ == "__main__":
    for kind in ("sqlite", "postgres"):
        with running_database(kind) as database, served(database.url, message_bytes=100_000) as attacked:
            calls = press(attacked, float(sys.argv[1]) / 2)
            sys.stdout.write(f"service on {kind}: {calls} calls answered as the contract says\n")
