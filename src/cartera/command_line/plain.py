"""Texts as a terminal may have them: contacts and gateways wrote some of them, and a terminal obeys what it is sent."""

import re

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, but for ends of lines and tabs, and those that turn the direction in which a text is read."""


def plain(text: str) -> str:
    """The text, with a mark in the place of each character that would do something."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)
