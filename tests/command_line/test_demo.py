import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line.served import cartera, environment

ROOT = Path(__file__).parents[2]


def demo(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "demonstration.py"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=500, env=environment(), cwd=ROOT
    )


@pytest.mark.req("Z3", "K1", "K2", "K4", "M1", "Z4", "T1", "T5", "W1")
def test_the_demo_shows_what_it_says_and_leaves_the_service_running():
    """Every line of the demo is checked by the demo itself; here, that it ran to its end, and that --keep says where
    the service is and how to stop it. Without --keep, .ci/run runs it.
    """
    ran = demo("--keep")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    try:
        assert ran.stderr == ""
        assert "goes to valentina  because: least load, trigger desvio-llamadas-vip" in ran.stdout
        assert "Everything went as it should." in ran.stdout
        address = re.search(r"--address (\S+)", ran.stdout)[1]
        listed = cartera("agent", "list", "--address", address, "--tenant", "demo")
        assert "Ana Beltrán" in listed.stdout
    finally:
        os.kill(int(re.search(r"kill (\d+)", ran.stdout)[1]), signal.SIGTERM)
