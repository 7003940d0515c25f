"""In which language the person at the terminal reads."""

import re
from collections.abc import Mapping

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:_([A-Za-z]{2}))?(?:[.@].*)?")


def language_of(environment: Mapping[str, str]) -> str:
    """The locale for messages, as "accept-language" has it: es_MX.UTF-8 is "es-MX". Empty where there is none."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    found = _LOCALE.fullmatch(locale)
    return "-".join(part for part in found.groups() if part) if found else ""
