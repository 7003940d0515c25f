"""What happens, in this order."""

import signal
from collections import Counter

from cartera.client import Client
from cartera.routing.v1.event_pb2 import EventKind
from cartera.routing.v1.interaction_pb2 import InteractionState

from trial import control, plan
from trial.cartera_record import administrator, by_hand, changes, interactions
from trial.cases import Cases
from trial.floor import Floor
from trial.network import DoublingNetwork
from trial.programs import VOICE, Broken, Program, Stage, wait_until
from trial.promises import PROMISES, Record, broken_calls
from trial.report import Report

ENDED_BEFORE_THE_LOSS = 60
"""So many calls are over when the sidecar is killed."""

TALKING_AT_THE_LOSS = 2


class Trial:
    """200 calls, in the middle of which the sidecar is lost; then a call while Cartera is away, and one after that."""

    def __init__(self, stage: Stage, report: Report) -> None:
        self._stage = stage
        self._report = report
        self._floor = Floor(stage)

    def run(self) -> None:
        cartera = self._stage.cartera()
        self._stage.apply(VOICE / "tenant.yaml")
        kamailio = self._stage.kamailio()
        sidecar = self._stage.sidecar()
        with administrator(self._stage.cartera_address) as client:
            self._floor.bring_in(client)
            with DoublingNetwork(("127.0.0.1", self._stage.sip_port)) as network:
                self._call(network)
                self._lose(sidecar, client)
                self._wait_for_callers()
            self._settle(client)
            record = self._record(client)
            self._judge(record)
            for case, broken in Cases(self._stage, self._floor, client, kamailio).all():
                self._report.promise(case, broken)
        self._outage(cartera)

    def _call(self, network: DoublingNetwork) -> None:
        for group in plan.groups():
            self._floor.call(group, network.port if group.doubled else self._stage.sip_port)

    def _lose(self, sidecar: Program, client: Client) -> None:
        """While some talk, and until these have ended: nobody tells Cartera of it."""
        with client.watch(0, kinds=[EventKind.EVENT_KIND_INTERACTION_COMPLETED], give_up_after=30) as watch:
            completed = 0
            while completed < ENDED_BEFORE_THE_LOSS:
                completed += len(next(watch).change.events)
        port = self._stage.control_port
        wait_until(lambda: control.phases(port)["talking"] >= TALKING_AT_THE_LOSS, "the next conversations")
        sidecar.end(signal.SIGKILL)
        wait_until(lambda: not control.phases(port)["talking"], "the end of these conversations")
        phases = control.phases(port)
        self._stage.sidecar()
        found = ", ".join(f"{calls} {phase}" for phase, calls in sorted(phases.items()))
        self._report.tell("the sidecar was killed, and comes back to calls that are", found)

    def _wait_for_callers(self) -> None:
        for program in self._floor.callers:
            program.process.wait()

    def _settle(self, client: Client) -> None:
        """The last wrap-up is over, and Kamailio has been told to forget every call. What isn't is judged."""
        try:
            wait_until(lambda: not control.calls(self._stage.control_port), "the last call's end", 10)
            wait_until(lambda: not _in_wrap_up(client), "the last wrap-up's end", 10)
        except Broken as late:
            self._report.tell("late", late)
        self._floor.go_home()

    def _record(self, client: Client) -> Record:
        return Record(
            endings=self._floor.endings(),
            phones=self._floor.ringings(),
            callers_seen=self._floor.callers_seen(),
            agents={str(phone.process.pid): agent for agent, phone in self._floor.phones.items()},
            interactions=list(interactions(client)),
            changes=changes(client),
            by_hand=by_hand(client),
        )

    def _outage(self, cartera: Program) -> None:
        cartera.end()
        caller = self._floor.single_call("outage", "refused", plan.SALES, "+34605000001")
        self._report.promise("without Cartera a caller is told 503, and when to try again", _unless_ended_well(caller))
        self._report.promise("the log and the rows agree (cartera verify)", self._verified())

    def _verified(self) -> list[str]:
        try:
            self._stage.command("verify", "--database-url", self._stage.database_url)
        except Broken as broken:
            return [str(broken)]
        return []

    def _judge(self, record: Record) -> None:
        wrong = broken_calls(record)
        outcomes = Counter(ending.outcome for ending in record.endings)
        rung = [ringing for ringings in record.phones.values() for ringing in ringings]
        self._report.tell("calls", f"{len(wrong)}: {outcomes['talked']} talked, {outcomes['left']} left while waiting")
        self._report.tell("phones rung", f"{len(rung)} times: {sum(each.answered for each in rung)} answered")
        self._report.calls(wrong)
        for promise in PROMISES:
            self._report.promise(promise.__name__.replace("_", " "), promise(record))
        held = control.calls(self._stage.control_port)
        self._report.promise("Kamailio holds no call any more", map(str, held))


def _in_wrap_up(client: Client) -> bool:
    states = [InteractionState.INTERACTION_STATE_WRAP_UP]
    return bool(client.routing.ListInteractions(states=states, page_size=1).views)


def _unless_ended_well(program: Program) -> list[str]:
    if program.process.wait():
        return [f"SIPp ended with {program.process.returncode}: see {program.directory}"]
    return []
