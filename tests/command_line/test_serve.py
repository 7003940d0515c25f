import signal

import pytest

from tests.command_line.served import cartera, cartera_process, served
from tests.fuzz.attacks import ODD
from tests.fuzz.http2 import GOAWAY, frame, greeted, until_heard


@pytest.mark.req("G7")
@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:7733"])
def test_serve_refuses_to_be_reached_from_other_machines(listen, tmp_path):
    """Without TLS and authentication only loopback is served."""
    ran = cartera("serve", "--listen", listen, "--database-url", f"sqlite:///{tmp_path}/c.db")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "--insecure" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--listen", "nonsense"), "is not HOST:PORT"),
        (("--database-url", "mysql://localhost/x"), "database"),
        (("--database-url", "postgresql://localhost:1/x"), "database"),
    ],
)
def test_a_wrong_setting_is_one_line(arguments, complaint, tmp_path):
    """What is wrong is said before anything is served."""
    defaults = () if "--database-url" in arguments else ("--database-url", f"sqlite:///{tmp_path}/c.db")
    ran = cartera_process("serve", *defaults, *arguments)
    assert ran.returncode == 1
    assert complaint in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


@pytest.mark.req("G4", "G7")
def test_bytes_of_a_stranger_are_not_in_the_log(served_once):
    """Whatever is sent that makes no sense: no line says it, and none is written past the log by gRPC."""
    said = b"a stranger was here"
    goaway = frame(GOAWAY, 0, 0, b"\0" * 8 + said)
    for sent in (goaway, *ODD):
        with greeted(served_once.address, sent) as connected:
            until_heard(connected)
    written = served_once.log()
    assert said.decode() not in written
    assert "hpack" not in written
    assert "chttp2" not in written


def test_an_address_in_use_is_one_line(served_once, tmp_path):
    """Two services can't have one port."""
    ran = cartera_process("serve", "--listen", served_once.address, "--database-url", f"sqlite:///{tmp_path}/c.db")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("cartera: ")
    assert "Traceback" not in ran.stderr


@pytest.mark.req("G4")
def test_sigterm_ends_it_with_status_0(tmp_path):
    """Whoever supervises the process asks it to end, and it does."""
    with served(tmp_path) as service:
        assert cartera("health", "--address", service.address).stdout == "SERVING\n"
        assert "none that is called nope" in cartera("health", "--address", service.address, "--service", "nope").stderr
        assert service.stop(signal.SIGTERM) == 0
        assert cartera("health", "--address", service.address).returncode == 1


def test_settings_come_from_the_environment(tmp_path):
    """Every option of serve is a variable, too."""
    ran = cartera_process("serve", CARTERA_LISTEN="0.0.0.0:0", CARTERA_DATABASE_URL=f"sqlite:///{tmp_path}/c.db")
    assert "0.0.0.0:0 can be reached from other machines" in ran.stderr
