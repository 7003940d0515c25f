"""The contract suite's runner in Python: plays the cases through the generated stubs.

`python -m tests.contract.suite.run --targets FILE --results FILE`, with servers that `tests.contract.suite.servers` has
started. It is the model for those in other languages; tests/contract/cases/README.md says what each must do.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import json_format, message_factory
from google.protobuf.message import DecodeError

from tests.contract.suite.calls import Caller, UnknownMethodError
from tests.contract.suite.cases import CASES, GOLDEN, Case, load
from tests.contract.suite.golden import Line, read
from tests.contract.suite.steps import Player, StepError
from tests.contract.suite.variables import VariableError

LANGUAGE = "python"
AT_ONCE = 4
"""Cases have tenants of their own, so several can be played beside each other."""


class Result(NamedTuple):
    """What came of a case, or of a line of golden bytes."""

    name: str
    failure: str = ""

    def written(self) -> dict[str, Any]:
        return {"name": self.name, "passed": not self.failure, "failure": self.failure}


def run_case(case: Case, callers: Mapping[str, Caller], targets: Mapping[str, Any]) -> Result:
    """Play one case on its server."""
    tenant = f"contract-{LANGUAGE}-{secrets.token_hex(4)}"
    player = Player(callers[case.target], {"tenant": tenant, **targets[case.target].get("variables", {})})
    for number, step in enumerate((*case.floor, *case.steps), 1):
        try:
            player.play(step)
        except (StepError, VariableError, UnknownMethodError, json_format.ParseError) as wrong:
            return Result(case.name, f"step {number}, {step.get('call') or step.get('watch')}: {wrong}")
    return Result(case.name)


def run_line(line: Line) -> Result:
    """Read a message as it was once written, and write it anew."""
    message_class = message_factory.GetMessageClass(line.descriptor())
    try:
        decoded = message_class.FromString(line.content)
    except DecodeError as wrong:
        return Result(line.name, str(wrong))
    printed = json_format.MessageToDict(decoded)
    if printed != line.json:
        return Result(line.name, f"the bytes are {printed}, not {line.json}")
    if json_format.ParseDict(line.json, message_class()) != decoded:
        return Result(line.name, "the JSON is another message than the bytes")
    return Result(line.name)


def run_cases(cases: Sequence[Case], targets: Mapping[str, Any]) -> list[Result]:
    """Play all cases."""
    with _callers(targets) as callers, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(partial(run_case, callers=callers, targets=targets), cases))


@contextmanager
def _callers(targets: Mapping[str, Any]) -> Iterator[dict[str, Caller]]:
    callers = {name: Caller(target["address"]) for name, target in targets.items()}
    yield callers
    for caller in callers.values():
        caller.close()


def main() -> int:
    """Run everything; the exit status says how it went."""
    arguments = _arguments()
    try:
        cases, lines = load(arguments.cases), read(arguments.golden)
        targets = json.loads(arguments.targets.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        sys.stderr.write(f"it cannot be run: {wrong}\n")
        return 2
    played, golden = run_cases(cases, targets), [run_line(line) for line in lines]
    results = {
        "language": LANGUAGE,
        "cases": [each.written() for each in played],
        "golden": [each.written() for each in golden],
    }
    arguments.results.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    failed = [each for each in (*played, *golden) if each.failure]
    for each in failed:
        sys.stderr.write(f"{each.name}: {each.failure}\n")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.contract.suite.run")
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--golden", type=Path, default=GOLDEN)
    parser.add_argument("--targets", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
