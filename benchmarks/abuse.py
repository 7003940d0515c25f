"""Abuse: what is left in the replica's memory of calls and connections that mean no good."""

import time
from collections.abc import Callable
from random import Random
from statistics import median

import grpc

from benchmarks.case import Case, case_of
from benchmarks.databases import running_database
from benchmarks.plan import Plan
from benchmarks.servers import running
from cartera.routing.v1.configuration_service_pb2 import ApplyConfigurationRequest
from tests.fuzz.attacks import ATTACKS
from tests.fuzz.floor import CONFIGURATION, TENANT
from tests.fuzz.keeping import kept_inputs
from tests.fuzz.targets import called_by

ABSOLUTE = "nothing: an absolute figure"
APPLY = "/cartera.routing.v1.ConfigurationService/ApplyConfiguration"
CALL_SECONDS = 30
STREAM_SECONDS = 0.05
REST = 0.5
"""Seconds after a round until the process is looked at."""

SEED = 7

Send = Callable[[bytes], bool]
"""Sends an input of the fuzzer as a call. Says whether it was answered: then it may have changed something."""


def abuse_rss_growth_mib(plan: Plan) -> Case:
    """By how much the process grows over many rounds of attacks and hostile calls, after some that warm it up: from the
    median of the first fifth of the rounds to that of the last, because what one takes, it gives back when it likes.

    Calls that are answered are left out after the first round: what they change is there to stay.
    """
    sizes = []
    with (
        running_database("sqlite") as database,
        running(["cartera", database.url]) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        request = ApplyConfigurationRequest(tenant_id=TENANT, configuration=CONFIGURATION)
        channel.unary_unary(APPLY)(request.SerializeToString(), timeout=CALL_SECONDS)
        send = _sender(channel)
        refused = [data for data in _inputs() if not send(data)]
        chance = Random(SEED)  # noqa: S311 - bytes of no meaning
        for _ in range(plan.abuse_warm_rounds + plan.abuse_rounds):
            _abuse(server.address, refused, send, chance)
            time.sleep(REST)
            sizes.append(server.resident_bytes() / 2**20)
    measured = sizes[plan.abuse_warm_rounds :]
    part = max(1, len(measured) // 5)
    first, last = median(measured[:part]), median(measured[-part:])
    medians = {
        "rounds": plan.abuse_rounds,
        "hostile calls in each": len(refused),
        "attacks in each": len(ATTACKS),
        "MiB in the first": round(first),
        "in the last": round(last),
        "at the most": round(max(measured)),
    }
    return case_of("abuse_rss_growth_mib", "MiB", ABSOLUTE, [last - first], medians)


def _inputs() -> list[bytes]:
    return [path.read_bytes() for path in kept_inputs("call")]


def _sender(channel: grpc.Channel) -> Send:
    def send(data: bytes) -> bool:
        method, payload, metadata = called_by(data)
        try:
            if method.streams:
                next(channel.unary_stream(method.path)(payload, metadata=metadata, timeout=STREAM_SECONDS))
            else:
                channel.unary_unary(method.path)(payload, metadata=metadata, timeout=CALL_SECONDS)
        except grpc.RpcError:
            return False
        return True

    return send


def _abuse(address: str, refused: list[bytes], send: Send, chance: Random) -> None:
    for attack in ATTACKS:
        attack(address, chance)
    for data in refused:
        send(data)
