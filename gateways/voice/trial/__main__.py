"""gateways/voice/run: two hundred calls through Kamailio, and what became of them."""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from trial.programs import Broken, Stage
from trial.report import Report
from trial.trial import Trial

PASSED, FAILED, BROKE = 0, 1, 2
"""Exit statuses."""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # what was started is ended, too
    directory = Path(tempfile.mkdtemp(prefix="cartera-voice-"))
    stage = Stage(directory)
    began = time.monotonic()
    report = Report()
    try:
        Trial(stage, report).run()
    except Broken as broken:
        print(f"the trial broke, which says nothing about the gateway: {broken}\nits files: {directory}")
        return BROKE
    finally:
        stage.end()
    if report.failed:
        print(f"files: {directory}")
    else:
        shutil.rmtree(directory)
    print(f"{time.monotonic() - began:.0f} s")
    print(report.last_line())
    return FAILED if report.failed else PASSED


if __name__ == "__main__":
    sys.exit(main())
