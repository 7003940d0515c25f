"""What operators are told to type, to look at and to read is there."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import typer.main
import yaml

from cartera.command_line.main import application
from cartera.settings import Settings
from cartera.telemetry.catalogue import METRICS
from tests.documentation.features import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FILES = [
    *PAGES,
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and "secrets" not in path.parts),
]
COMMANDS = typer.main.get_command(application)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")

CODE = re.compile(r"^    (.+)$|`([^`\n]+)`", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[\s/])cartera ([a-z][^|&;]*)")
OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
METRIC = re.compile(r"\bcartera_[a-z_]+[a-z]\b")
VARIABLE = re.compile(r"\bCARTERA_[A-Z_]+[A-Z]\b(?!_)")

PARTS = ("_bucket", "_count", "_sum")
"""What a histogram is made of."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def alerts() -> dict[str, str]:
    """The page of each alert, by its name."""
    declared = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text("utf-8"))
    rules = [rule for group in declared["groups"] for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules}


def anchors(page: Path) -> set[str]:
    """Of its headings, as they are made of them."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(page.read_text("utf-8")))
    return {each.replace(" ", "-") for each in words}


def typed(text: str) -> Iterator[tuple[str, set[str]]]:
    """The commands that a page shows, with their options."""
    for line, inline in CODE.findall(text):
        for shown in COMMAND.findall((line or inline).partition("  #")[0]):
            words = takewhile(re.compile(r"[a-z][a-z-]*").fullmatch, shown.split())
            yield " ".join(words), set(OPTION.findall(shown))


def found(words: str) -> typer.core.TyperCommand | None:
    """The command that words begin with; what comes after it are its arguments."""
    command = COMMANDS
    for word in words.split():
        if not hasattr(command, "commands"):
            break
        if word not in command.commands:
            return None
        command = command.commands[word]
    return command  # type: ignore[return-value]


@pytest.mark.req("G4")
def test_every_alert_says_what_to_do() -> None:
    """Each has a section of its name, to which it leads; and no section is of an alert that isn't there."""
    section = OPERATIONS.partition("\n### Alerts\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^#### (\w+)$", section, re.MULTILINE)) == set(alerts())
    assert alerts() == {name: f"docs/operations.md#{name.lower()}" for name in alerts()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_commands_that_are_shown_exist(file: Path) -> None:
    """And have the options that they are shown with."""
    for words, options in typed(file.read_text("utf-8")):
        command = found(words)
        assert command is not None, words
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert options <= known | {"--help"}, words


def test_the_check_of_commands_sees_them() -> None:
    """It would do no harm to a page if it saw none."""
    shown = [words for words, _ in typed(OPERATIONS)]
    assert {"serve", "migrate", "verify", "backup", "restore", "health"} <= {words.split()[0] for words in shown}
    assert ("migrate", {"--finish"}) in list(typed(OPERATIONS))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Files are there, and so are the headings in them."""
    for target, anchor in LINK.findall(page.read_text("utf-8")):
        if "://" in target:
            continue
        path = page.parent / target if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


@every_page
def test_what_is_to_be_looked_at_exists(page: Path) -> None:
    """Every metric and every variable that is named is one of the service's, or of its command line's."""
    text = page.read_text("utf-8")
    metrics = {metric.name for metric in METRICS}
    made = {f"{name}{part}" for name in metrics for part in PARTS}
    assert {name for name in METRIC.findall(text) if not name.startswith("cartera_restored")} <= metrics | made
    variables = {f"CARTERA_{name.upper()}" for name in Settings.model_fields} | set(of_command_line()) | OTHERS
    assert set(VARIABLE.findall(text)) <= variables


OTHERS = {"CARTERA_TRACEBACK", "CARTERA_TOKEN", "CARTERA_DISTRIBUTIONS"}
"""Variables that are neither settings nor options."""


def of_command_line() -> Iterator[str]:
    """The variables that options of its commands are read from."""
    waiting = [COMMANDS]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            named = getattr(parameter, "envvar", None) or ()
            yield from (named,) if isinstance(named, str) else named


def test_every_setting_is_explained() -> None:
    """None has to be looked for in the source."""
    missing = {f"CARTERA_{name.upper()}" for name in Settings.model_fields} - set(VARIABLE.findall(OPERATIONS))
    assert not missing


def test_lines_of_the_log_that_are_named_are_written() -> None:
    """What operators are to look for in the log stands there in these words."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "src" / "cartera").rglob("*.py"))
    named = re.findall(r"`([a-z' ]+)` (?:in the log|names a tenant)", OPERATIONS)
    assert len(named) > 3
    for line in named:
        assert line in source, line
