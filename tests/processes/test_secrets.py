"""What deploy/compose/make-secrets makes is enough to serve with, and to be called with (G7)."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from cartera.bootstrap import Service
from cartera.settings import Settings, load_settings
from tests.command_line.served import cartera
from tests.fixtures.tools import needed
from tests.packaging.deployments import DEPLOY, in_compose, read

FREE = "127.0.0.1:0"


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As they are the second time too: nothing that is there is made anew."""
    needed("openssl")
    directory = tmp_path_factory.mktemp("compose") / "secrets"
    make = [DEPLOY / "compose" / "make-secrets", directory]
    subprocess.run(make, check=True, capture_output=True)
    made = contents(directory)
    subprocess.run(make, check=True, capture_output=True)
    assert contents(directory) == made
    return directory


@pytest.fixture
def settings(secrets: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of the compose file, with its secrets where they are here."""
    declared = read("compose/compose.yaml")["secrets"]
    paths = {f"/run/secrets/{name}": str(secrets / Path(each["file"]).name) for name, each in declared.items()}
    for name, value in in_compose().variables.items():
        monkeypatch.setenv(name, paths.get(value, value))
    return load_settings(listen=FREE, metrics_listen=FREE, database_url=sqlite_url, drain_seconds=0)


@pytest.mark.req("G7")
async def test_a_service_of_the_compose_file_knows_whom_its_secret_vouches_for(
    settings: Settings, secrets: Path
) -> None:
    """By its certificate and with a token of that secret it is called; without a token it isn't."""
    service = Service(settings)
    await service.start()
    whose = ("--tenant", "acme", "--role", "administrator", "--subject", "root")
    token = cartera("token", *whose, "--secret-file", str(secrets / "token_secret")).stdout.strip()
    ask = ("agent", "list", "--tenant", "acme", "--address", service.address)
    ask += ("--ca-file", str(secrets / "tls_certificate.pem"))
    known = await asyncio.to_thread(cartera, *ask, CARTERA_TOKEN=token)
    unknown = await asyncio.to_thread(cartera, *ask)
    await service.stop()
    assert "TENANT_NOT_FOUND" in known.stderr
    assert "CALLER_UNKNOWN" in unknown.stderr
