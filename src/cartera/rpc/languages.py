"""In which language people read errors: what `accept-language` asks for, as far as there is it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cartera.rpc.messages import LANGUAGE, TEMPLATES

LANGUAGES_KEY = "accept-language"

_LONGEST = 200
"""What people's browsers send is shorter; what is longer is cut, so that garbage costs nothing."""


def language_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The language that is asked for most, of those that there are."""
    asked = [value for key, value in metadata if key == LANGUAGES_KEY and isinstance(value, str)]
    return _preferred(",".join(asked)[:_LONGEST]) if asked else LANGUAGE


@lru_cache(maxsize=256)
def _preferred(asked: str) -> str:
    ranges = sorted(_ranges(asked), key=lambda found: -found[1])  # of those alike the first
    for language, quality in ranges:
        if quality > 0 and language in TEMPLATES:
            return language
    return LANGUAGE


def _ranges(asked: str) -> Iterator[tuple[str, float]]:
    """Each language without its country, and how much it is wanted: "es-MX;q=0.8" is ("es", 0.8)."""
    for each in asked.split(","):
        tag, *parameters = each.split(";")
        language = tag.strip().lower().replace("_", "-").partition("-")[0]
        yield (LANGUAGE if language == "*" else language), _quality(parameters)


def _quality(parameters: list[str]) -> float:
    """From 0 to 1. What is no number counts nothing."""
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            return _fraction(value.strip())
    return 1.0


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
