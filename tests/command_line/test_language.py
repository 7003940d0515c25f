"""People at a terminal read what the service says in their language, and no terminal does what a text says."""

import pytest

from cartera.command_line.language import language_of

LOCALES = {"es_MX.UTF-8": "es-MX", "es": "es", "ca_ES@valencia": "ca-ES", "C": "", "C.UTF-8": "", "POSIX": "", "": ""}


@pytest.mark.parametrize(("locale", "language"), LOCALES.items())
def test_the_locale_says_the_language(locale, language):
    """As the metadata have it; a locale of no language asks for none."""
    assert language_of({"LANG": locale}) == language
    assert language_of({"LC_ALL": locale, "LANG": "fr_FR"}) == (language if locale else "fr-FR")


@pytest.mark.req("G3")
def test_a_refusal_is_read_in_the_language_of_the_terminal(command_line):
    """Where the terminal is Spanish, so are the reasons."""
    command_line.variables["LC_ALL"] = "es_CO.UTF-8"
    assert "No existe el agente nadie." in command_line.fails("agent", "status", "nadie", "online")


@pytest.mark.req("G7")
def test_a_terminal_does_not_obey_what_is_shown(command_line):
    """What contacts and gateways wrote can't move the cursor, change the title or write another line."""
    declared = 'agents: [{agent_id: eve, name: "\\e[2J\\aEve\u202e", capacity: 1}]'
    command_line.succeeds("apply", "-f", "-", given=declared)
    assert "\ufffd[2J\ufffdEve\ufffd" in command_line.succeeds("agent", "list")
