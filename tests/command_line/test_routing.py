"""The commands of the day: route, agent and interaction."""

import json

import pytest


def route(command_line, contact="+34600", *more, campaign="voz", channel="voice"):
    arguments = ("--campaign", campaign, "--contact", contact, "--channel", channel)
    return json.loads(command_line.succeeds("route", *arguments, "--json", *more))


@pytest.mark.req("Z1")
def test_route_says_who_got_it_and_why(command_line):
    """Agent, rule, workgroup and priority stand in the answer."""
    command_line.succeeds("agent", "status", "ana", "online")
    said = command_line.succeeds("route", "--campaign", "voz", "--contact", "+34600", "--channel", "voice")
    assert said.splitlines()[0] == "ASSIGNED to ana: round robin"
    assert said.splitlines()[1].endswith("workgroup ventas, priority normal")


@pytest.mark.req("Z4", "C8")
def test_route_says_where_it_waits(command_line):
    """On a priority line it stands ahead of who came before."""
    route(command_line)
    said = command_line.succeeds(
        "route", "--campaign", "voz", "--contact", "+34601", "--channel", "voice", "--line", "911"
    )
    assert said.splitlines()[0] == "QUEUED: nobody online"
    assert said.splitlines()[1].endswith("priority high")
    assert said.splitlines()[2].startswith("position 1 in the queue")


@pytest.mark.req("Z7")
def test_route_validate_only_changes_nothing(command_line):
    """It answers who would get it; nothing is recorded."""
    command_line.succeeds("agent", "status", "ana", "online")
    for _ in range(2):
        answer = route(command_line, "+34600", "--validate-only")
        assert answer["interaction"]["agent_id"] == "ana"
        assert "interaction_id" not in answer["interaction"]
    assert "views" not in json.loads(command_line.succeeds("interaction", "list", "--json"))


@pytest.mark.req("M8", "Z2")
def test_route_with_language_and_skills(command_line):
    """What the interaction demands is said with it, and told in the answer."""
    command_line.succeeds("agent", "status", "ana", "online")
    call = ("route", "--campaign", "voz", "--contact", "+34600", "--channel", "voice")
    said = command_line.succeeds(*call, "--skill", "english:5", "--skill", "sap").splitlines()
    assert said[0] == "QUEUED: no agent available"
    assert said[1].endswith("priority normal, skills english 5, sap 1")
    routed = route(command_line, "+34601", "--language", "en-GB", "--skill", "c:1:7")["interaction"]
    assert (routed["language"], routed["skills"]) == ("en-GB", [{"skill": "c:1", "level": 7}])
    for wrong in ("english:", ":5", "english:five"):
        assert "is no NAME or NAME:LEVEL" in command_line.fails(*call, "--skill", wrong, status=2)
    assert "INVALID_FIELD" in command_line.fails(*call, "--skill", "english:11")


@pytest.mark.req("C9")
def test_route_says_whom_it_is_offered_to(command_line):
    """An offer names the agent, who has not accepted yet."""
    offers = "workgroups: [{workgroup_id: ventas, member_ids: [ana], method: round_robin, offer_timeout: 20s}]"
    command_line.succeeds("apply", "-f", "-", given=offers)
    command_line.succeeds("agent", "status", "ana", "online")
    said = command_line.succeeds("route", "--campaign", "voz", "--contact", "+34600", "--channel", "voice")
    assert said.splitlines()[0] == "OFFERED to ana: round robin"


@pytest.mark.req("G2")
def test_route_with_a_request_id_can_be_repeated(command_line):
    """The same command under the same id is one interaction."""
    answers = [route(command_line, "+34600", "--request-id", "call-1") for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.req("C3")
def test_agent_status_says_what_was_given(command_line):
    """Who comes online finds what waited in the answer."""
    waiting = route(command_line)["interaction"]["interaction_id"]
    said = command_line.succeeds("agent", "status", "ana", "online").splitlines()
    assert said == ["ana is online", f"  given {waiting} of +34600"]


@pytest.mark.req("C3")
def test_agent_status_with_reason_and_channels(command_line):
    """A pause has its reason; --channels takes commas and repetition."""
    said = command_line.succeeds("agent", "status", "ana", "paused", "--reason", "lunch")
    assert said == "ana is paused (lunch)\n"
    presence = json.loads(
        command_line.succeeds("agent", "status", "ana", "online", "--channels", "voice,chat", "--json")
    )["presence"]
    assert presence["channels"] == ["CHANNEL_VOICE", "CHANNEL_CHAT"]


@pytest.mark.req("C4")
def test_agent_extend_and_list(command_line):
    """The session is begun anew, and the list shows who is there."""
    command_line.succeeds("agent", "status", "ana", "online")
    assert command_line.succeeds("agent", "extend", "ana").startswith("the session of ana ends at ")
    listed = command_line.succeeds("agent", "list").splitlines()
    assert listed[1].split()[:3] == ["ana", "Ana", "online"]
    assert listed[2].split()[:3] == ["carlos", "Carlos", "offline"]


@pytest.mark.req("M9", "M10", "T5")
def test_claim_assign_and_complete(dispenser):
    """What waits is taken or given by hand, and ends with a disposition."""
    for agent in ("ana", "carlos"):
        dispenser.succeeds("agent", "status", agent, "online")
    first, second = (route(dispenser, contact)["interaction"]["interaction_id"] for contact in ("a", "b"))
    assert dispenser.succeeds("interaction", "claim", "ana") == f"{first} is assigned, agent ana\n"
    assert dispenser.succeeds("interaction", "assign", second, "carlos") == f"{second} is assigned, agent carlos\n"
    said = dispenser.succeeds(
        "interaction", "complete", first, "--disposition", "Venta", "--sub-disposition", "Nueva", "--note", "fin"
    )
    assert said == f"{first} is completed, agent ana, Venta / Nueva\n"
    shown = dispenser.succeeds("interaction", "show", first).splitlines()
    assert shown[-1].endswith(": fin")


@pytest.mark.req("T1")
def test_transfer_to_an_agent(command_line):
    """Refused with every condition that fails; done where they all hold."""
    command_line.succeeds("agent", "status", "ana", "online")
    call = route(command_line)["interaction"]["interaction_id"]
    complaint = command_line.fails("interaction", "transfer", call, "--agent", "lucia", "--note", "n").splitlines()
    assert complaint[0].startswith("cartera: 2 things are wrong")
    assert [line.strip().partition(":")[0] for line in complaint[1:]] == ["AGENT_NOT_ONLINE", "AGENT_LACKS_CHANNEL"]
    command_line.succeeds("agent", "status", "carlos", "online")
    said = command_line.succeeds("interaction", "transfer", call, "--agent", "carlos", "--note", "pide francés")
    assert said == f"{call} is assigned, agent carlos, Transferencia\n"


def test_transfer_needs_one_target(command_line):
    """Neither none nor two."""
    for target in ((), ("--agent", "ana", "--campaign", "chat"), ("--agent", "ana", "--workgroup", "ventas")):
        complaint = command_line.fails("interaction", "transfer", "i1", "--note", "n", *target, status=2)
        assert "one of the three" in complaint


@pytest.mark.req("T4")
def test_transfer_to_a_workgroup(command_line):
    """It is routed anew there."""
    command_line.succeeds("agent", "status", "ana", "online")
    call = route(command_line)["interaction"]["interaction_id"]
    command_line.succeeds("agent", "status", "carlos", "online")
    said = command_line.succeeds("interaction", "transfer", call, "--workgroup", "ventas", "--note", "relevo")
    assert said == f"{call} is assigned, agent carlos, Transferencia\n"


def test_cancel_and_list(command_line):
    """A contact who hung up waits no longer; the list can be filtered by state."""
    call = route(command_line)["interaction"]["interaction_id"]
    assert command_line.succeeds("interaction", "cancel", call) == f"{call} is cancelled\n"
    route(command_line, "+34601")
    listed = command_line.succeeds("interaction", "list", "--state", "queued").splitlines()
    assert [line.split()[1] for line in listed[1:]] == ["+34601"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("agent", "status", "nobody", "online"), "nobody"),
        (("agent", "status", "ana", "paused"), "REASON_CODE_REQUIRED"),
        (("interaction", "show", "none"), "RESOURCE_NOT_FOUND"),
        (("interaction", "claim", "ana"), "AGENT_NOT_ONLINE"),
        (("route", "--campaign", "chat", "--contact", "c", "--channel", "voice"), "CAMPAIGN_LACKS_CHANNEL"),
        (("--role", "agent", "--subject", "ana", "interaction", "cancel", "i"), "PERMISSION_DENIED"),
        (("--role", "king", "agent", "list"), "CALLER_UNKNOWN"),
    ],
)
@pytest.mark.req("G3")
def test_a_refusal_is_one_clear_line(command_line, arguments, complaint):
    """What the service says, with its reason, on stderr."""
    said = command_line.fails(*arguments)
    assert complaint in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("agent", "status", "ana", "asleep"), "none of online, paused, offline"),
        (("route", "--contact", "c", "--channel", "voice"), "Missing option '--campaign'"),
        (("route", "--campaign", "voz", "--contact", "c", "--channel", "fax"), "none of voice, chat"),
        (("fly",), "No such command"),
    ],
)
def test_wrong_usage_is_status_2(command_line, arguments, complaint):
    """A command that was not understood is told apart from one that failed."""
    assert complaint in command_line.fails(*arguments, status=2)


def test_a_command_needs_to_know_its_tenant(command_line):
    """Without a tenant there is nothing to do, which is wrong usage too."""
    command_line.variables["CARTERA_TENANT"] = ""
    assert "which tenant?" in command_line.fails("agent", "list", status=2)
