"""Errors are read in the language that is asked for; developers read English."""

import ast
import inspect
import string

import pytest
from google.protobuf.descriptor import FieldDescriptor
from grpc import StatusCode

from cartera.core import faults
from cartera.core.decide.required import kind_of
from cartera.core.records import TABLES
from cartera.core.rejection import Violation, reject
from cartera.core.vocabulary import Channel, ErrorReason
from cartera.routing.buf.validate import validate_pb2
from cartera.rpc.english import ENGLISH
from cartera.rpc.errors import failure_of
from cartera.rpc.languages import language_of
from cartera.rpc.messages import say
from cartera.rpc.methods import all_methods
from cartera.rpc.spanish import KINDS, PROBLEMS, SPANISH, WORDS
from cartera.rpc.statuses import status_of
from tests.rpc.failures import failing, opened

pytestmark = pytest.mark.req("G3")

ASKED = {
    "es": "es",
    "es-MX": "es",
    "ES_co;q=0.3": "es",
    "en, es": "en",
    "en;q=0.5, es;q=0.9": "es",
    "fr, de;q=0.9, es;q=0.1": "es",
    "es;q=0, en": "en",
    "fr, *;q=0.5, es;q=0.1": "en",
    "fr": "en",
    "": "en",
    "es;q=x": "en",
    "es;q=nan": "en",
    "es;q=2": "en",
    ",;=,;;q=": "en",
    "x" * 100_000 + ", es": "en",
}


@pytest.mark.parametrize(("asked", "language"), ASKED.items(), ids=lambda text: text[:25])
def test_the_language_is_the_one_that_is_wanted_most(asked, language):
    """Of those that there are, without regard to the country; garbage asks for nothing."""
    assert language_of([("accept-language", asked)]) == language


def test_who_asks_for_nothing_reads_english():
    """No header, or one that is bytes, asks for nothing; two are one."""
    assert language_of([("user-agent", "es")]) == "en"
    assert language_of([("accept-language", b"es")]) == "en"
    assert language_of([("accept-language", "fr"), ("accept-language", "es")]) == "es"


async def test_an_error_is_read_in_spanish(acme):
    """Whoever asks for Spanish gets each bad field in Spanish, and English stands where developers look."""
    acme.metadata += (("accept-language", "es-MX,es;q=0.9"),)
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD") as failed:
        await acme.RouteInteraction(campaign_id="ventas", contact_id="c" * 129, channel=9)
    localized = failed.details["LocalizedMessage"]
    assert localized.locale == "es"
    assert localized.message == (
        "contact_id debe tener como máximo 128 carácter(es). channel no es uno de los valores que existen."
    )
    assert failed.message == failed.status.message
    assert failed.message.startswith("contact_id must be at most 128 characters. ")
    contact, channel = failed.details["BadRequest"].field_violations
    assert contact.description == "contact_id must be at most 128 characters."
    assert contact.localized_message.message == "contact_id debe tener como máximo 128 carácter(es)."
    assert channel.localized_message.locale == "es"


async def test_an_error_of_many_long_words_arrives(acme):
    """However many bytes the ids take that it names, in whatever script: clients take no more than 8 KiB."""
    acme.metadata += (("accept-language", "es"),)
    names = ["\N{GRINNING FACE}" * 127 + str(number) for number in range(10)]
    triggers = [{"trigger_id": name, "actions": {"workgroup_id": name}} for name in names]
    async with failing(StatusCode.INVALID_ARGUMENT, "UNKNOWN_REFERENCE") as failed:
        await acme.ApplyConfiguration(configuration={"triggers": triggers})
    assert len(failed.details["BadRequest"].field_violations) > 2
    async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        await acme.GetAgent(agent_id=names[0])


def test_conditions_are_named_in_the_language():
    """A precondition has no other place for what people read."""
    status = status_of(failure_of(reject(ErrorReason.AGENT_NOT_ONLINE, "agent/ana")), "es")
    details = dict(map(opened, status.details))
    assert status.message == "Agent ana is not online."
    assert details["PreconditionFailure"].violations[0].description == "El agente ana no está en línea."


SAID = [
    (Violation(ErrorReason.RESOURCE_NOT_FOUND, "workgroup/ventas"), "No existe el grupo de trabajo ventas."),
    (
        Violation(ErrorReason.RESOURCE_IN_USE, "agent/ana", {"used_by": "workgroup/ventas"}),
        "No se puede eliminar el agente ana, porque aparece en el grupo de trabajo ventas.",
    ),
    (
        Violation(ErrorReason.AGENT_LACKS_CHANNEL, "agent/ana", {"channel": "VOICE"}),
        "El agente ana no atiende el canal voz.",
    ),
    (Violation(ErrorReason.INVALID_FIELD, "update_mask", {"value": "x"}), "update_mask no puede ser x."),
    (Violation(ErrorReason.INVALID_FIELD, "note", {"problem": "is new", "rule": "new"}), "note no es válido."),
]


@pytest.mark.parametrize(("violation", "said"), SAID)
def test_data_is_said_in_the_words_of_the_product(violation, said):
    """Types of resources, channels and problems are words of the language too."""
    assert say(violation, "es") == said


def test_every_reason_is_told_in_both_languages():
    """Spanish has a sentence of its own for each, with nothing that the English one doesn't know."""
    assert SPANISH.keys() == ENGLISH.keys() == set(ErrorReason)
    for reason in ErrorReason:
        assert parts_of(SPANISH[reason]) <= parts_of(ENGLISH[reason])
    alike = {reason for reason in ErrorReason if SPANISH[reason] == ENGLISH[reason]}
    assert alike == {ErrorReason.INVALID_FIELD, ErrorReason.HOURS_INVALID}  # whose words are the problem's


def parts_of(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_rule_of_the_contract_is_told_in_spanish():
    """A rule that is new in the contract needs its words."""
    seen = set()
    used = {rule for method in all_methods() for rule in rules_of_message(method.request.DESCRIPTOR, seen)}
    assert {"string.max_len", "duration.gt_lte", "timestamp.gte_lt", "update_mask.paths", "required"} <= used
    assert used <= PROBLEMS.keys()


def rules_of_message(descriptor, seen):
    if descriptor in seen:
        return
    seen.add(descriptor)
    if any(each.GetOptions().HasExtension(validate_pb2.oneof) for each in descriptor.oneofs):
        yield "required"
    for field in descriptor.fields:
        yield from rules_of_field(field.GetOptions().Extensions[validate_pb2.field])
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            yield from rules_of_message(field.message_type, seen)


def rules_of_field(rules):
    """The ids of the rules that a value may break, as protovalidate names them."""
    yield from (each.id for each in rules.cel)
    if rules.required:
        yield "required"
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    names = [field.name for field, _ in getattr(rules, kind).ListFields()]
    if kind == "repeated" and "items" in names:
        names.remove("items")
        yield from rules_of_field(rules.repeated.items)
    bounds = [name for name in ("gt", "gte", "lt", "lte") if name in names]
    if bounds:
        yield f"{kind}.{'_'.join(bounds)}"
    yield from (f"{kind}.{name}" for name in names if name not in bounds)


def test_every_problem_of_a_configuration_is_told_in_spanish():
    """What the core finds wrong names the rule by which other languages know it."""
    dictionaries = [each for each in ast.walk(ast.parse(inspect.getsource(faults))) if isinstance(each, ast.Dict)]
    literals = [dict(zip(map(ast.unparse, each.keys), each.values, strict=True)) for each in dictionaries]
    problems = [each for each in literals if "'problem'" in each]
    assert len(problems) > 3
    assert {ast.literal_eval(each["'rule'"]) for each in problems} <= PROBLEMS.keys()


def test_every_resource_and_channel_has_its_word():
    """A type of resource that may be missing or in use, and a channel, have their Spanish name."""
    resources = {kind_of(each) for each in TABLES if not each.__name__.endswith(("Activity", "Change"))}
    assert resources <= KINDS.keys()
    assert {each.name for each in Channel if each} == WORDS.keys()
