"""A service with TLS and authentication, over real connections: one address for tokens, one for certificates."""

import asyncio
import json
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
import pytest
import pytest_asyncio
from cryptography.x509 import load_der_x509_certificate
from grpc import StatusCode

from cartera.bootstrap import Service
from cartera.client import AsyncClient, CarteraError, RetryPolicy, tls
from cartera.rpc.tls import ServerTls
from cartera.rpc.watched import FileError
from cartera.settings import Settings
from tests.fixtures.certificates import Authority
from tests.fixtures.service import HeldClock
from tests.fixtures.tokens import entry, key_set, token

pytestmark = [pytest.mark.req("G7"), pytest.mark.asyncio(loop_scope="module")]

IMPATIENT = {"tenant_id": "acme", "wait_for_ready": False, "deadline": 10.0, "retry": RetryPolicy(attempts=1)}
ROLES = {"voice": "gateway", "panel": "supervisor"}


class Guarded:
    """A service with its files, which can be changed, and the ways to it."""

    def __init__(self, directory):
        self.directory = directory
        self.authority = Authority()
        self.clients = Authority()
        self.clock = HeldClock()
        (directory / "ca.pem").write_bytes(self.authority.certificate)
        (directory / "clients.pem").write_bytes(self.clients.certificate)
        self.show(self.authority.issue("service", "localhost", "127.0.0.1"))
        (directory / "keys.json").write_bytes(key_set(entry("ES256", "first")))
        self.name_callers("voice")
        self.service = Service(self._settings(), self.clock)

    def _settings(self):
        files = {
            "certificate": "service.pem",
            "key": "service.key",
            "client_ca": "clients.pem",
            "callers": "callers.yaml",
        }
        return Settings(
            listen="127.0.0.1:0",
            tls_client_listen="127.0.0.1:0",
            database_url=f"sqlite:///{self.directory}/cartera.db",
            drain_seconds=0,
            token_keys=str(self.directory / "keys.json"),
            token_issuer="https://issuer.test",
            **{f"tls_{name}_file": self.directory / file for name, file in files.items()},
        )

    def show(self, pair):
        """The service is to show this certificate."""
        pair.write(self.directory, "service")

    def name_callers(self, *names):
        """Those who have certificates."""
        callers = [{"common_name": name, "tenant": "acme", "role": ROLES[name], "subject": name} for name in names]
        (self.directory / "callers.yaml").write_text(json.dumps({"callers": callers}))

    def client(self, pair=None, **options):
        """A client: without a certificate where tokens are taken, with one at the other address."""
        port = self.service.port if pair is None else self.service.other_ports[0]
        files = pair.write(self.directory, "client") if pair else ()
        credentials = tls(self.directory / "ca.pem", *files)
        return AsyncClient(f"127.0.0.1:{port}", credentials=credentials, **{**IMPATIENT, **options})

    def shown(self, version=None):
        """The certificate that a new connection is shown, and the version of TLS that it speaks."""
        context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        if version is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")  # else this side would refuse, not the service
            context.minimum_version = context.maximum_version = version
        with (
            socket.create_connection(("127.0.0.1", self.service.port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            return load_der_x509_certificate(connection.getpeercert(True)).serial_number, connection.version()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def guarded(tmp_path_factory):
    guarded = Guarded(tmp_path_factory.mktemp("guarded"))
    await guarded.service.start()
    async with guarded.client(token=token(role="administrator")) as administrator:
        await administrator.configuration.CreateTenant(tenant={"name": "Acme"})
    yield guarded
    await guarded.service.stop()


@asynccontextmanager
async def failing(code, reason=""):
    with pytest.raises(CarteraError) as caught:
        yield caught
    assert (caught.value.code, caught.value.reason) == (code, reason)


async def test_a_token_gets_in_over_tls(guarded):
    """As who it names, and no further."""
    async with guarded.client(token=token()) as ana:
        assert (await ana.configuration.GetTenant()).tenant.name == "Acme"
        async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
            await ana.agents.CreateAgent(agent={"agent_id": "eva", "capacity": 1})


async def test_without_a_good_token_nobody_gets_in(guarded):
    """Whatever the caller says of itself; and the answer says what is wrong."""
    nobody = guarded.client(role="administrator", subject="root")
    async with nobody, failing(StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN") as failed:
        await nobody.configuration.GetTenant()
    assert failed.value.metadata == {"problem": "there is neither a token nor a certificate"}


async def code_of(channel):
    """What comes of a call with a good token."""
    async with channel:
        call = channel.unary_unary("/cartera.routing.v1.ConfigurationService/GetTenant")
        try:
            await call(b"\x0a\x04acme", metadata=[("authorization", f"Bearer {token()}")])
        except grpc.aio.AioRpcError as error:
            return error.code()
    return StatusCode.OK


async def test_only_who_is_to_connect_connects(guarded):
    """Nobody in plain text; and at the address for certificates nobody without one, or with one that others signed."""
    tokens, certificates = (f"127.0.0.1:{port}" for port in (guarded.service.port, *guarded.service.other_ports))
    stranger = Authority().issue("voice").write(guarded.directory, "stranger")
    genuine = guarded.clients.issue("unnamed").write(guarded.directory, "genuine")
    authority = guarded.directory / "ca.pem"
    assert await code_of(grpc.aio.insecure_channel(tokens)) is StatusCode.UNAVAILABLE
    assert await code_of(grpc.aio.secure_channel(tokens, tls(authority))) is StatusCode.OK
    assert await code_of(grpc.aio.secure_channel(certificates, tls(authority))) is StatusCode.UNAVAILABLE
    assert await code_of(grpc.aio.secure_channel(certificates, tls(authority, *stranger))) is StatusCode.UNAVAILABLE
    assert await code_of(grpc.aio.secure_channel(certificates, tls(authority, *genuine))) is StatusCode.OK


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_only_present_versions_of_tls_are_spoken(guarded):
    """1.2 and 1.3, nothing older."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert (await asyncio.to_thread(guarded.shown, version))[1] == version.name.replace("_", ".")
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(guarded.shown, version)


async def test_a_certificate_gets_in_at_its_own_address(guarded):
    """As who the file of callers says, who may change while it is connected; who isn't in it is refused."""
    async with guarded.client(guarded.clients.issue("voice")) as voice:
        assert (await voice.configuration.GetTenant()).tenant.name == "Acme"
    async with guarded.client(guarded.clients.issue("panel")) as panel:
        async with failing(StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN"):
            await panel.configuration.GetTenant()
        guarded.name_callers("panel")
        guarded.service.security.look()
        assert (await panel.configuration.GetTenant()).tenant.name == "Acme"


async def test_a_certificate_is_replaced_while_the_service_runs(guarded):
    """New connections are shown the new one; what doesn't fit together is left until it does."""
    before = await asyncio.to_thread(guarded.shown)
    pair = guarded.authority.issue("service", "localhost", "127.0.0.1")
    (guarded.directory / "service.pem").write_bytes(pair.certificate)
    guarded.service.security.look()
    assert await asyncio.to_thread(guarded.shown) == before
    (guarded.directory / "service.key").write_bytes(pair.key)
    guarded.service.security.look()
    assert (await asyncio.to_thread(guarded.shown))[0] == pair.serial_number


async def test_a_key_is_replaced_while_the_service_runs(guarded):
    """Tokens of the new one count once it is in the file, those of the old one until it is out."""
    keys, first, second = guarded.directory / "keys.json", token(key_id="first"), token("EdDSA", key_id="second")
    steps = [(["first"], [second]), (["first", "second"], []), (["second"], [first]), (["first"], [second])]
    for listed, refused in steps:
        entries = {"first": entry("ES256", "first"), "second": entry("EdDSA", "second")}
        keys.write_bytes(key_set(*(entries[name] for name in listed)))
        guarded.service.security.look()
        for text in (first, second):
            async with guarded.client(token=text) as client:
                if text in refused:
                    async with failing(StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN"):
                        await client.configuration.GetTenant()
                else:
                    await client.configuration.GetTenant()


async def change_of(watch):
    """The revision of the next change."""
    while True:
        step = await anext(watch)
        if step.HasField("change"):
            return step.change.revision


async def test_a_stream_tells_nothing_once_its_token_has_expired(guarded):
    """It ends, typed; with a new token it goes on where it was."""
    now = guarded.clock.now().timestamp()
    short, long = token(role="administrator", exp=now), token(role="administrator", exp=now + 1000)
    given = [short, long]
    async with (
        guarded.client(token=short) as stale,
        guarded.client(token=lambda: given.pop(0)) as renewing,
        guarded.client(token=long) as administrator,
        await stale.watch(0) as ending,
        await renewing.watch(0) as going_on,
    ):
        assert await change_of(ending) == await change_of(going_on) == 1
        guarded.clock.move(timedelta(seconds=30))
        await administrator.agents.CreateAgent(agent={"agent_id": "ana", "capacity": 1})
        assert await change_of(going_on) == 2
        async with failing(StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED"):
            await change_of(ending)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ([("authorization", f"Bearer {token()}")] * 2, StatusCode.UNAUTHENTICATED),
        ([("authorization", "Bearer " + "x" * 8193)], StatusCode.UNAUTHENTICATED),
        ([("authorization", "Bearer " + "x" * 100_000)], StatusCode.RESOURCE_EXHAUSTED),
        ([("authorization-bin", b"\xff")], StatusCode.UNAUTHENTICATED),
    ],
)
async def test_metadata_that_should_not_be_has_an_answer(guarded, metadata, code):
    """Two tokens, one beyond all measure, one of no letters."""
    credentials = grpc.ssl_channel_credentials(guarded.authority.certificate)
    async with grpc.aio.secure_channel(f"127.0.0.1:{guarded.service.port}", credentials) as channel:
        call = channel.unary_unary("/cartera.routing.v1.ConfigurationService/GetTenant")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(b"\x0a\x04acme", metadata=metadata)
    assert caught.value.code() is code


def written(directory, name, content):
    (directory / name).write_bytes(content)
    return directory / name


async def test_files_that_cannot_be_used_are_said_in_one_line(tmp_path):
    """Before anything is served."""
    pair, other = Authority().issue("service"), Authority().issue("other")
    certificate, key = pair.write(tmp_path, "good")
    wrong = {
        "cannot be read": (certificate, tmp_path / "nowhere"),
        "no certificate": (written(tmp_path, "a", b"garbage"), key),
        "no private key": (certificate, written(tmp_path, "b", b"garbage")),
        "encrypted": (certificate, written(tmp_path, "c", pair.encrypted_key)),
        "not that of the certificate": (certificate, written(tmp_path, "d", other.key)),
        "the clients' authority": (certificate, key, written(tmp_path, "e", b"")),
    }
    for problem, files in wrong.items():
        with pytest.raises(FileError, match=problem) as caught:
            ServerTls(*files)
        assert "\n" not in str(caught.value)
