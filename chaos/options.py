"""What a run is asked to be."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from chaos.faults import FAULTS, Fault, fitting

REPORTS = Path(__file__).parent / "reports"

TENANTS = 3
CALLERS = 16


class Options(NamedTuple):
    """A run: the same options and seed give the same faults in the same order, at about the same times."""

    seconds: float = 60.0
    replicas: int = 3
    seed: int = 1
    faults: tuple[str, ...] = ()
    """By name; none are all that fit the database."""
    database: str = "postgres"
    report: Path | None = None
    callers: int = CALLERS
    once: bool = False
    """Each fault once, and at half the length."""
    code: Path | None = None
    """Where the service's code is that is tried; None is what is installed."""

    @property
    def chosen(self) -> list[Fault]:
        if self.faults:
            return [FAULTS[name] for name in self.faults]
        return fitting(self.database)

    def wants(self, *names: str) -> bool:
        """Whether one of these faults is among those of the run."""
        return any(fault.name in names for fault in self.chosen)

    def command(self) -> str:
        """What does it again."""
        faults = "".join(f" --fault {name}" for name in self.faults)
        database = f"--database {self.database} --replicas {self.replicas}"
        return f"scripts/chaos --seconds {self.seconds:g} {database} --seed {self.seed}{faults}{' --once' * self.once}"

    def directory(self) -> Path:
        """Where the report goes."""
        return self.report or REPORTS / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
