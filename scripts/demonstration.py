"""What scripts/demo shows: a day's beginning at Seguros Aurora, through real gRPC clients. Every line is checked."""

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from demonstration_feed import Failure
from demonstration_stage import Stage, command, say, scene

from cartera.routing.v1.agent_pb2 import AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED

ROOT = Path(__file__).parents[1]
TENANT_FILE = ROOT / "examples" / "demo-tenant.yaml"
JORGE, ELENA, TOMAS, CAPITANA = "+34611000001", "+34611000002", "+34611000003", "+34655000007"
STRANGER, CALLER, PRIORITY_CALLER = "+34699000044", "+34699000055", "+34699000066"
PRIORITY_LINE = "+34910000911"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the service running")
    keep = parser.parse_args().keep
    directory = Path(tempfile.mkdtemp(prefix="cartera-demo-"))
    try:
        with service(directory, keep) as (address, process):
            with Stage(address, directory) as stage:
                play(stage)
            say("[bold green]Everything went as it should.[/]")
            if keep:
                tell_how_to_go_on(address, process, directory)
        if not keep:
            shutil.rmtree(directory)
    except Failure as failure:
        say(f"[bold red]The demo failed:[/] {failure}")
        say(f"The service's log is {directory / 'service.log'}")
        return 1
    return 0


@contextlib.contextmanager
def service(directory: Path, keep: bool) -> Iterator[tuple[str, subprocess.Popen[str]]]:  # noqa: FBT001
    """The real service as a process of its own; the port is any that is free."""
    url = f"sqlite:///{directory / 'cartera.db'}"
    arguments = ["serve", "--listen", "127.0.0.1:0", "--database-url", url]
    with (directory / "service.log").open("w") as log:
        process = subprocess.Popen(
            [*command(), *arguments], stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    finished = False
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "serves at " not in line:
            raise Failure("the service did not start")
        yield line.split()[-1], process
        finished = True
    finally:
        if not (keep and finished):
            process.send_signal(signal.SIGTERM)
            process.wait()


def play(stage: Stage) -> None:
    prepare(stage)
    agents_come(stage)
    vip_call(stage)
    portfolio_contact(stage)
    strangers(stage)
    owner_is_full(stage)
    priority_line(stage)
    owner_wait_runs_out(stage)
    transfer(stage)
    endings(stage)
    stage.show_interactions()
    stage.show_feed()
    verify(stage)


def prepare(stage: Stage) -> None:
    scene("A tenant from a file", "cartera apply -f examples/demo-tenant.yaml")
    first = stage.run("apply", "-f", str(TENANT_FILE))
    say(f"  {first.splitlines()[-1]}")
    again = stage.run("apply", "-f", str(TENANT_FILE))
    say(f"  once more: {again.strip()}")
    stage.expect(again.strip(), "nothing differs", "a second apply")
    stage.follow()


def agents_come(stage: Stage) -> None:
    scene("Agents come online", "each with a quota of interactions at once")
    for agent in ("ana", "carlos", "valentina"):
        stage.set_status(agent, AGENT_STATUS_ONLINE)
    stage.set_status("mateo", AGENT_STATUS_PAUSED, "capacitación")


def vip_call(stage: Stage) -> None:
    scene("A call of an important customer", "the organization's tag VIP sets off the trigger, before anyone answers")
    stage.call(CAPITANA, "Capitana Irene Sol", agent="valentina", reason="least load", priority="urgent")


def portfolio_contact(stage: Stage) -> None:
    scene("A contact of Ana's portfolio", "goes to its owner, with the comment and the script kept for it")
    stage.add_to_portfolio("cartera-ana", [JORGE, TOMAS], "Prefiere WhatsApp; póliza vence en marzo", "renovacion")
    stage.message(JORGE, "Jorge Salas", agent="ana", reason="owner")
    stage.message(JORGE, "Jorge Salas", agent="ana", reason="owner", joined=True)


def strangers(stage: Stage) -> None:
    scene("Others", "strict rotation among those who have a free slot; a sticky interaction moved no turn")
    stage.message(STRANGER, "an unknown number", agent="ana", reason="round robin")
    stage.message(ELENA, "Elena Prieto", agent="carlos", reason="round robin")
    stage.expect(stage.portfolio_of(ELENA), stage.portfolio_of_agent("carlos"), "Elena's portfolio")
    stage.call(CALLER, "a first caller", agent="carlos", reason="round robin")
    say("  [dim]Ventas has automatic portfolios: Elena, who was in none, is in that of Carlos now.[/]")


def owner_is_full(stage: Stage) -> None:
    scene("The owner is full", "Ana holds 2 of 2: a contact of hers is kept for her")
    waiting = stage.message(TOMAS, "Tomás Vidal", outcome="waiting for owner", reason="owner not available")
    stage.complete(stage.last_of(JORGE), "ana", "Venta", "Renovación")
    stage.await_agent(waiting, "ana")


def priority_line(stage: Stage) -> None:
    scene("The priority line", "everyone is full; the later call, on the priority line, is served first")
    early = stage.call("+34699000077", "a second caller", outcome="queued", reason="no agent available", position=1)
    urgent = stage.call(
        PRIORITY_CALLER,
        "a caller on the priority line",
        line=PRIORITY_LINE,
        outcome="queued",
        reason="no agent available",
        priority="high",
        position=1,
    )
    stage.complete(stage.last_of(CALLER), "carlos", "Volver a llamar")
    stage.await_agent(urgent, "carlos")
    stage.complete(urgent, "carlos", "Sin interés")
    stage.await_agent(early, "carlos")


def owner_wait_runs_out(stage: Stage) -> None:
    scene("The owner wait runs out", "Carlos is at lunch: Elena is kept for him for 2 s, then goes to the next one")
    stage.complete(stage.last_of(ELENA), "carlos", "Consulta resuelta")
    stage.set_status("carlos", AGENT_STATUS_PAUSED, "almuerzo")
    waiting = stage.message(ELENA, "Elena Prieto", outcome="waiting for owner", reason="owner not available")
    stage.set_status("lucia", AGENT_STATUS_ONLINE)
    stage.await_agent(waiting, "lucia")


def transfer(stage: Stage) -> None:
    scene("A transfer", "every condition that fails is named at once; the source keeps the interaction meanwhile")
    call = stage.last_of(CAPITANA)
    stage.transfer_refused(call, "valentina", "mateo", {"AGENT_NOT_ONLINE"})
    stage.transfer_refused(call, "valentina", "lucia", {"AGENT_LACKS_CHANNEL"})
    stage.set_status("mateo", AGENT_STATUS_ONLINE)
    stage.transfer(call, "valentina", "mateo", "Pide las condiciones del seguro de flota")


def endings(stage: Stage) -> None:
    scene("Endings", "a disposition of the campaign, and a finer one where it has any")
    call = stage.last_of(CAPITANA)
    stage.complete_refused(call, "mateo", "Venta", "SUB_DISPOSITION_REQUIRED")
    stage.complete(call, "mateo", "Venta", "Póliza nueva")
    stage.complete(stage.last_of(TOMAS), "ana", "Consulta resuelta")


def verify(stage: Stage) -> None:
    scene("Verified", "the log, folded, is what the tables hold")
    say(f"  {stage.run('verify').strip()}")


def tell_how_to_go_on(address: str, process: "subprocess.Popen[str]", directory: Path) -> None:
    say(f"\nThe service keeps running at [bold]{address}[/]; its data is in {directory}. Try:")
    say(f"  .venv/bin/cartera agent list --address {address} --tenant demo")
    say(f"  .venv/bin/cartera watch --address {address} --tenant demo --after 0")
    say(f"Stop it with [bold]kill {process.pid}[/]")


if __name__ == "__main__":
    sys.exit(main())
