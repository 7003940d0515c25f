"""SIP as text: what Kamailio has no function for."""

import re

_BRANCH = re.compile(r"branch=[^;,\s]+\.([0-9a-f]+)\s*(?:[;,]|$)", re.MULTILINE)
_CONTENT = ("content-", "c:", "e:", "l:")
_SHORT = {"contact": "m", "from": "f", "to": "t", "call-id": "i"}


def branch_number(via: str) -> int:
    """The branch of Kamailio's transaction that a reply belongs to. It ends its Via, with the last digit first."""
    found = _BRANCH.search(via)
    return int(found[1][::-1], 16) if found else -1


def header(message: str, name: str) -> str:
    for line in message.split("\r\n"):
        said, _, value = line.partition(":")
        if said.strip().lower() in (name, _SHORT.get(name)):
            return value.strip()
    return ""


def contact_uri(message: str) -> str:
    return re.sub(r"^[^<]*<|>.*$", "", header(message, "contact"))


def declining(answer: str, status: int, phrase: str) -> str:
    """The same reply, as a refusal."""
    head = answer.split("\r\n\r\n", 1)[0].split("\r\n")
    kept = [line for line in head[1:] if not line.lower().startswith(_CONTENT)]
    return "\r\n".join([f"SIP/2.0 {status} {phrase}", *kept, "Content-Length: 0", "", ""])


def headers_within(answer: str, method: str) -> str:
    """Those of a request within the dialogue that an answer to an INVITE began."""
    sequence = int(header(answer, "cseq").split()[0]) + (method != "ACK")
    lines = [f"{name}: {header(answer, name.lower())}" for name in ("From", "To", "Call-ID")]
    return "".join(f"{line}\r\n" for line in [*lines, f"CSeq: {sequence} {method}"])
