"""Tokens: what proves a caller, and what does not. The time is passed in."""

import math

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import Role
from cartera.rpc.claims import ClaimNames
from cartera.rpc.key_sources import Keys
from cartera.rpc.keys import KeysError, keys_of_document, keys_of_secrets
from cartera.rpc.security import Authentication, Unchanging
from cartera.rpc.tokens import TokenRules, Tokens, bearer_token
from tests.fixtures.tokens import NOW, SECRET, entry, forged, key_set, private_key, token

pytestmark = pytest.mark.req("G7")

PUBLIC = {"RS256": "rsa", "ES256": "ec", "EdDSA": "ed"}


class Held:
    """A time that stands until it is moved, and keys that stay until they are changed."""

    def __init__(self):
        self.time = NOW
        everything = key_set(*(entry(algorithm, key_id) for algorithm, key_id in PUBLIC.items()))
        self.document = Unchanging(keys_of_document(everything))
        self.secrets = Unchanging(keys_of_secrets(SECRET.encode()))

    def tokens(self, *sources, **rules):
        rules = {"audience": "cartera", "issuer": "https://issuer.test", **rules}
        return Tokens(Keys(*(sources or (self.document, self.secrets))), TokenRules(**rules), lambda: self.time)


@pytest.fixture
def held():
    return Held()


@pytest.fixture
def tokens(held):
    return held.tokens()


def problem_with(identify, *given):
    with pytest.raises(Rejected) as refused:
        identify(*given)
    (violation,) = refused.value.violations
    return violation.data.get("problem", violation.reason.name)


@pytest.mark.parametrize("algorithm", [*PUBLIC, "HS256"])
@pytest.mark.parametrize("named", [True, False])
def test_a_good_token_says_who_calls(tokens, algorithm, named):
    """Signed by each kind of key, whether the token names the key or not."""
    identity = tokens.identify(token(algorithm, key_id=PUBLIC.get(algorithm) if named else None))
    assert identity == (Caller(Actor(Role.AGENT, "ana"), "acme"), NOW + 630)


CALLERS = [
    ({"role": "administrator"}, Caller(Actor(Role.ADMINISTRATOR, "ana"), "acme")),
    ({"role": "supervisor"}, Caller(Actor(Role.SUPERVISOR, "ana"), "acme")),
    (
        {"role": "supervisor", "workgroups": ["vip", "sales"]},
        Caller(Actor(Role.SUPERVISOR, "ana"), "acme", workgroup_ids=frozenset({"vip", "sales"})),
    ),
    (
        {"role": "supervisor", "workgroups": []},
        Caller(Actor(Role.SUPERVISOR, "ana"), "acme", workgroup_ids=frozenset()),
    ),
    (
        {"role": "gateway", "campaigns": ["ventas"], "sub": "voz ñ"},
        Caller(Actor(Role.GATEWAY, "voz ñ"), "acme", campaign_ids=frozenset({"ventas"})),
    ),
]


@pytest.mark.parametrize(("claims", "caller"), CALLERS)
def test_claims_make_the_caller(tokens, claims, caller):
    """Tenant, role and subject, and the part of the tenant that a supervisor or a gateway is confined to."""
    assert tokens.identify(token(**claims)).caller == caller


def test_claims_may_have_a_prefix(held):
    """Issuers that want claims of one's own told apart get them so; the plain ones then say nothing."""
    prefix = "https://cartera.dev/"
    tokens = held.tokens(names=ClaimNames.prefixed(prefix))
    claims = {f"{prefix}tenant": "other", f"{prefix}role": "gateway", f"{prefix}campaigns": ["ventas"]}
    caller = tokens.identify(token(**claims)).caller
    assert caller == Caller(Actor(Role.GATEWAY, "ana"), "other", campaign_ids=frozenset({"ventas"}))


def pem(algorithm):
    return private_key(algorithm).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def altered(text):
    """The claims of one token under the signature of another."""
    head, _, signature = text.split(".")
    return f"{head}.{token(role='administrator').split('.')[1]}.{signature}"


def nested():
    """A token with a header that takes a parser as deep as it goes."""
    return f"{'W1tb' * 1500}.e30.AA"


SIGNATURE = "signature is wrong"
ALGORITHM = "algorithm is not one"
KEY = "key that is not known"
MALFORMED = "no JSON Web Token"
FORGED = {
    "nothing signed": (lambda: forged({"alg": "none"}), ALGORITHM),
    "nothing signed, said otherwise": (lambda: forged({"alg": "nOnE"}), ALGORITHM),
    "no algorithm": (lambda: forged({}), ALGORITHM),
    "a list of algorithms": (lambda: forged({"alg": ["HS256"]}), ALGORITHM),
    "an algorithm that is not taken": (lambda: forged({"alg": "HS512"}, secret=SECRET.encode()), ALGORITHM),
    "a public key as the secret": (lambda: forged({"alg": "HS256"}, secret=pem("RS256")), SIGNATURE),
    "a public key as the secret, named": (
        lambda: forged({"alg": "HS256", "kid": "rsa"}, secret=pem("RS256")),
        SIGNATURE,
    ),
    "a key of another kind": (lambda: token("ES256", key_id="rsa"), KEY),
    "a key that nobody knows": (lambda: token("ES256", key_id="other"), KEY),
    "somebody else's key": (lambda: token("ES256", private_key("ES256", 1), key_id="ec"), SIGNATURE),
    "somebody else's secret": (lambda: token("HS256", "another secret that nobody shares"), SIGNATURE),
    "its own key in the header": (
        lambda: token("ES256", private_key("ES256", 1), {"jwk": entry("ES256", "own", private_key("ES256", 1))}),
        SIGNATURE,
    ),
    "claims of another token": (lambda: altered(token()), SIGNATURE),
    "an extension that must be known": (lambda: token(headers={"crit": ["x"], "x": 1}), MALFORMED),
    "a payload elsewhere": (
        lambda: forged({"alg": "HS256", "b64": False}, secret=SECRET.encode(), payload=b""),
        MALFORMED,
    ),
    "a header as deep as it goes": (nested, MALFORMED),
    "no claims": (lambda: forged({"alg": "HS256"}, claims=[], secret=SECRET.encode()), MALFORMED),
    "claims that are no JSON": (lambda: forged({"alg": "HS256"}, secret=SECRET.encode(), payload=b"\xff"), MALFORMED),
    "no token": (lambda: "..", MALFORMED),
    "something else": (lambda: "🔑", MALFORMED),
    "too much": (lambda: "x" * 9000, "too long"),
}


@pytest.mark.parametrize(("make", "problem"), FORGED.values(), ids=FORGED)
def test_what_is_not_signed_by_a_known_key_is_refused(tokens, make, problem):
    """With the key it names, by the algorithm that the key is for; and nobody gets a traceback out of it."""
    assert problem in problem_with(tokens.identify, make())


WRONG = {
    "no end": ({"exp": None}, "exp is missing"),
    "an end that never comes": ({"exp": math.nan}, "exp is no time"),
    "an end without end": ({"exp": math.inf}, "exp is no time"),
    "an end in words": ({"exp": "2099"}, "exp is no time"),
    "an end that is true": ({"exp": True}, "exp is no time"),
    "no audience": ({"aud": None}, "aud is missing"),
    "another audience": ({"aud": "elsewhere"}, "another audience"),
    "no issuer": ({"iss": None}, "iss is missing"),
    "another issuer": ({"iss": "https://elsewhere.test"}, "another issuer"),
    "not yet": ({"nbf": NOW + 31}, "not valid yet"),
    "a beginning in words": ({"nbf": "now"}, "nbf is no time"),
    "from the future": ({"iat": NOW + 31}, "in the future"),
    "no tenant": ({"tenant": None}, "tenant is missing"),
    "an empty tenant": ({"tenant": ""}, "tenant is no id"),
    "two tenants": ({"tenant": ["acme", "other"]}, "tenant is no id"),
    "a long tenant": ({"tenant": "a" * 65}, "tenant is no id"),
    "no role": ({"role": None}, "role is missing"),
    "no such role": ({"role": "Administrator"}, "role is none of"),
    "the service itself": ({"role": "system"}, "role is none of"),
    "no subject": ({"sub": None}, "sub is missing"),
    "a subject with a NUL": ({"sub": "a\0b"}, "sub is no id"),
    "workgroups of an agent": ({"workgroups": ["vip"]}, "only for the role supervisor"),
    "workgroups of an administrator": (
        {"role": "administrator", "workgroups": ["vip"]},
        "only for the role supervisor",
    ),
    "one workgroup": ({"role": "supervisor", "workgroups": "vip"}, "no list of ids"),
    "a number": ({"role": "gateway", "campaigns": [1]}, "no list of ids"),
}


@pytest.mark.parametrize(("claims", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_signed_must_be_right_too(tokens, claims, problem):
    """Every claim that counts is there, of its type, and for this service; what is wrong is named."""
    assert problem in problem_with(tokens.identify, token(**claims))


def test_a_token_expires_at_its_time(held, tokens):
    """To the second, with the leeway, also where it was found good before."""
    text = token()
    held.time = NOW + 629
    assert tokens.identify(text).valid_until == NOW + 630
    held.time = NOW + 630
    assert problem_with(tokens.identify, text) == "TOKEN_EXPIRED"
    assert problem_with(tokens.identify, text) == "TOKEN_EXPIRED"


def test_only_the_algorithms_listed_are_taken(held):
    """What is not listed is refused, whatever keys there are."""
    tokens = held.tokens(algorithms=frozenset({"RS256"}))
    assert tokens.identify(token("RS256")).caller.tenant_id == "acme"
    assert ALGORITHM in problem_with(tokens.identify, token("ES256"))


def test_a_key_that_is_withdrawn_counts_no_more(held):
    """Not even for tokens that it was found to have signed."""
    tokens = held.tokens(held.document)
    old, new = token("ES256", key_id="ec"), token("EdDSA", key_id="ed")
    assert tokens.identify(old) == tokens.identify(new)
    held.document.value = keys_of_document(key_set(entry("EdDSA", "ed")))
    assert KEY in problem_with(tokens.identify, old)
    assert tokens.identify(new)


def test_a_known_token_is_not_verified_again(held):
    """It is looked up, until the keys change."""
    tokens = held.tokens(held.document)
    tokens.identify(token(key_id="ec"))
    text = token(key_id="ec", iat=NOW)
    first = tokens.identify(text)
    assert tokens.identify(text) is first


def test_secrets_are_replaced_one_after_the_other(held):
    """While two are listed, tokens of both count."""
    old, new = token("HS256"), token("HS256", "the secret that comes after the other one")
    held.secrets.value = keys_of_secrets(f"{'the secret that comes after the other one'}\n\n{SECRET}\n".encode())
    tokens = held.tokens(held.secrets)
    assert tokens.identify(old) == tokens.identify(new)


@pytest.mark.parametrize("content", [b"", b" \n", b"x" * 31, SECRET.encode() + b"\nshort"])
def test_a_secret_that_could_be_guessed_is_refused(content):
    """Each has 32 bytes or more."""
    with pytest.raises(KeysError):
        keys_of_secrets(content)


USELESS = [
    {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
    {**entry("ES256", "x"), "use": "enc"},
    {**entry("ES256", "x"), "key_ops": ["sign"]},
    {**entry("ES256", "x"), "alg": "ES512"},
    {**ECAlgorithm.to_jwk(private_key("ES256"), as_dict=True), "kid": "private"},
    entry("ES256", "x", ec.generate_private_key(ec.SECP384R1())),
    entry("RS256", "x", rsa.generate_private_key(65537, 1024)),  # noqa: S505 - weak is what it is to be
    {"kty": "new", "kid": "x"},
    {},
]


@pytest.mark.parametrize("useless", USELESS)
def test_keys_that_are_not_for_this_are_left_out(useless):
    """Secrets and private keys where public ones belong, weak ones, those for other purposes."""
    assert [key.key_id for key in keys_of_document(key_set(useless, entry("EdDSA", "good")))] == ["good"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"keys": {}}', b'{"keys": [1]}', b'{"keys": []}', key_set(*USELESS), b"[" * 100_000],
)
def test_a_set_without_keys_is_refused(content):
    """With a word of what is wrong, and nothing of what is in it."""
    with pytest.raises(KeysError) as caught:
        keys_of_document(content)
    assert "c2VjcmV0" not in str(caught.value)


BEARERS = [
    ([], None),
    ([("authorization", "Bearer x.y.z")], "x.y.z"),
    ([("user-agent", "grpc"), ("authorization", "bearer  x.y.z ")], "x.y.z"),
]


@pytest.mark.parametrize(("metadata", "text"), BEARERS)
def test_the_token_stands_in_the_metadata(metadata, text):
    """As RFC 6750 has it."""
    assert bearer_token(metadata) == text


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (["Bearer x", "Bearer x"], "given twice"),
        (["Bearer"], "no bearer token"),
        (["Basic YTpi"], "no bearer token"),
        ([""], "no bearer token"),
        (["Béarer x"], "no bearer token"),
    ],
)
def test_what_leaves_it_open_is_refused(values, problem):
    """Two tokens, or something else in a token's place."""
    assert problem in problem_with(bearer_token, [("authorization", value) for value in values])


def test_what_a_caller_says_of_itself_is_not_believed(tokens):
    """With authentication the metadata names nobody, beside a token or without."""
    identify = Authentication(tokens, None).identify
    claims = (("cartera-role", "administrator"), ("cartera-subject", "root"))
    assert problem_with(identify, claims, dict) == "there is no token"
    identity = identify((*claims, ("authorization", f"Bearer {token()}")), dict)
    assert identity.caller == Caller(Actor(Role.AGENT, "ana"), "acme")


def test_a_refusal_shows_nothing_of_the_token(tokens):
    """Neither its text nor a claim."""
    strange = private_key("ES256", 1)
    for text in (token(key=strange), token(role="canary"), token(aud="canary"), token(exp="canary"), "canary.x.y"):
        with pytest.raises(Rejected) as refused:
            tokens.identify(text)
        shown = f"{refused.value!r} {refused.value.violations} {refused.value.__cause__!r}"
        assert "canary" not in shown
        assert text[-20:] not in shown
