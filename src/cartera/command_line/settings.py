"""The service's settings, for the commands that need them; they are slow to import, and the others don't."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cartera.command_line.failure import USAGE, Failed

if TYPE_CHECKING:
    from cartera.settings import Settings

SHOWN_TO_ALL = (
    "a password on the command line is read by whoever lists processes: "
    "put it into CARTERA_DATABASE_URL, or into a file named by CARTERA_DATABASE_PASSWORD_FILE"
)


def settings_of(*, serving: bool = True, **given: Any) -> "Settings":
    """The settings from the environment; those given, and not None, come first."""
    from cartera.settings import load_settings, password_of, read_settings  # noqa: PLC0415, see above

    if password_of(given.get("database_url") or ""):
        raise Failed(SHOWN_TO_ALL, status=USAGE)
    with setting_failures():
        return load_settings(**given) if serving else read_settings(**given)


@contextmanager
def setting_failures() -> Iterator[None]:
    """A setting that is wrong, or that the machine doesn't allow, is one line."""
    from cartera.settings import SettingsError  # noqa: PLC0415, see above

    try:
        yield
    except SettingsError as error:
        raise Failed(" ".join(str(error).split())) from error


def variables() -> list[str]:
    """Every setting as a variable of the environment, with what it means."""
    from cartera.settings import PREFIX, Settings  # noqa: PLC0415, see above

    return [f"{PREFIX}{name.upper()}  {field.description}" for name, field in Settings.model_fields.items()]
