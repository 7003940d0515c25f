"""What the trial says of itself."""

from collections.abc import Iterable

from trial.programs import Broken


class Report:
    """Prints as it goes; a promise that is broken fails the trial like a call that is lost."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}
        self._broken = 0

    @property
    def failed(self) -> int:
        return self._broken + sum(bool(wrong) for wrong in self._calls.values())

    def tell(self, what: str, said: object) -> None:
        print(f"  {what:<66}{said}", flush=True)

    def calls(self, wrong: dict[str, str]) -> None:
        """What is wrong with each call; "" where nothing is."""
        self._calls = wrong
        for call_id, problem in wrong.items():
            if problem:
                self.tell(f"call {call_id}", problem)

    def promise(self, promise: str, broken: Iterable[str]) -> None:
        try:
            found = list(broken)
        except Broken as never:  # what it waited for didn't come about
            found = [str(never)]
        self._broken += bool(found)
        self.tell(promise, f"BROKEN {len(found)} times: {found[0]}" if found else "kept")

    def last_line(self) -> str:
        passed = sum(not wrong for wrong in self._calls.values())
        return f"{passed} passed, {self.failed} failed"
