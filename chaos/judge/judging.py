"""The judge: one pass over the log and the histories of a run."""

import json
from collections import defaultdict
from pathlib import Path

from cartera.contract import decode_change
from chaos.judge.disturbances import Disturbances
from chaos.judge.evidence import Attempt, Evidence, Log
from chaos.judge.known import Known, Told
from chaos.judge.lives import Lives
from chaos.judge.operations import operations_of
from chaos.judge.order import Order
from chaos.judge.promises import PROMISES
from chaos.judge.real_time import judge_real_time, told_of
from chaos.judge.replay import Replay
from chaos.judge.requests import Requests
from chaos.judge.slots import Slots
from chaos.judge.timers import Timers
from chaos.judge.verdict import Verdict
from chaos.judge.watching import Watching


def judge(directory: Path) -> Verdict:
    """Decide whether the promises were kept in a run, and write down the verdict beside the evidence.

    Raises:
        NotADirectoryError: there is no such run.

    """
    if not directory.is_dir():
        raise NotADirectoryError(directory)
    verdict = Verdict()
    for promise in PROMISES:
        verdict.check(promise)
    evidence = Evidence(directory)
    logs = {tenant_id: evidence.log(tenant_id) for tenant_id in evidence.tenants}
    watched = _judge_watchers(directory, logs, verdict)
    for tenant_id, log in logs.items():
        _judge_tenant(tenant_id, evidence, log, watched[tenant_id], verdict)
    _judge_rows(directory / "verify.json", verdict)
    verdict.save(directory / "verdict.json")
    return verdict


def _judge_watchers(directory: Path, logs: dict[str, Log], verdict: Verdict) -> dict[str, list[Watching]]:
    disturbances = Disturbances.read(directory / "faults.jsonl")
    watched: dict[str, list[Watching]] = defaultdict(list)
    for path in sorted(directory.glob("watch-*.jsonl")):
        watching = Watching(path, logs, disturbances, verdict)
        watching.judge()
        watched[watching.tenant_id].append(watching)
    return watched


def _judge_tenant(tenant_id: str, evidence: Evidence, log: Log, watched: list[Watching], verdict: Verdict) -> None:
    attempts = evidence.attempts.get(tenant_id, [])
    operations = operations_of(attempts)
    answered = list(told_of(operations))
    seen = [told for watching in watched for told in watching.told]
    known = Known([*answered, *seen])
    lives = Lives(tenant_id, Slots(tenant_id, verdict), verdict)
    places = _fold(log, tenant_id, lives, Replay(tenant_id, evidence, attempts, verdict), verdict)
    Requests(tenant_id, log, places, known, verdict).judge(operations)
    judge_real_time(tenant_id, operations, places, known, verdict)
    _judge_min_revision(tenant_id, attempts, known, verdict)
    _judge_truth(tenant_id, attempts, lives, known, verdict)
    highest = max((told.revision for told in answered), default=0)
    for watching in watched:
        watching.judge_end(highest)


def _fold(log: Log, tenant_id: str, lives: Lives, replay: Replay, verdict: Verdict) -> dict[str, list[int]]:
    """Go through the log once. Returns the revisions of the changes that each request caused."""
    places: dict[str, list[int]] = defaultdict(list)
    order = Order(tenant_id, verdict)
    models = (lives, Timers(tenant_id, verdict))
    for revision, payload in log:
        change = decode_change(payload)
        order.see(revision, change)
        if change.request_id:
            places[change.request_id].append(revision)
        for model in models:
            model.see(change)
        replay.see(change)
    return places


def _judge_min_revision(tenant_id: str, attempts: list[Attempt], known: Known, verdict: Verdict) -> None:
    """A read shows the revision that it asks for or a later one, and isn't refused one that somebody was told of."""
    check = verdict.check("min-revision")
    for attempt in attempts:
        if not attempt.min_revision:
            continue
        if attempt.is_answered:
            told = f"it asked for {attempt.min_revision} and was shown {attempt.revision}: {attempt}"
            check.require(attempt.revision >= attempt.min_revision, tenant_id, attempt.revision, told)
        elif attempt.reason == "REVISION_IN_THE_FUTURE":
            before: Told | None = known.before(attempt.began)
            was_there = before is not None and before.revision >= attempt.min_revision
            told = f"{attempt.min_revision} was told of by {before and before.by}, then: {attempt}"
            check.require(not was_there, tenant_id, attempt.min_revision, told)


def _judge_truth(tenant_id: str, attempts: list[Attempt], lives: Lives, known: Known, verdict: Verdict) -> None:
    """What is told of an interaction that was refused is so: that it is not there, or that it has ended, which is for
    ever.
    """
    check = verdict.check("truthful")
    for attempt in attempts:
        identifier = attempt.interaction_id
        if attempt.reason == "RESOURCE_NOT_FOUND" and identifier:
            before, arrival = known.before(attempt.began), lives.arrivals.get(identifier)
            was_there = before is not None and arrival is not None and before.revision >= arrival
            check.require(not was_there, tenant_id, arrival or 0, f"{identifier} was there: {attempt}")
        elif attempt.reason == "INTERACTION_ENDED":
            check.require(lives.has_ended(identifier), tenant_id, 0, f"{identifier} has not ended: {attempt}")


def _judge_rows(path: Path, verdict: Verdict) -> None:
    """The rows are the fold of the log."""
    check = verdict.check("rows")
    if not path.exists():
        check.violate("", 0, "nobody has verified the rows")
        return
    for tenant_id, differences in json.loads(path.read_text(encoding="utf-8")).items():
        check.require(not differences, tenant_id, 0, f"{len(differences)} differences: {str(differences)[:300]}")
