"""What the gateway's Kamailio is told from outside, in its environment."""

import os
import secrets

ADDRESS = os.environ["VOICE_SIP_ADDRESS"]

PHONES_NETWORK = os.environ.get("VOICE_PHONES_NETWORK", "127.0.0.0/8")
"""Whence phones may register. A registered phone is rung with the calls of its agent."""

DECISION_MILLISECONDS = int(float(os.environ.get("VOICE_DECISION_SECONDS", "5")) * 1000)
"""How long a caller may be without an answer of any kind; then 503."""

RETRY_AFTER_SECONDS = int(os.environ.get("VOICE_RETRY_AFTER_SECONDS", "30"))
"""When a caller who had that answer may try again."""

SECRET = os.environ.get("VOICE_SECRET", "").encode() or secrets.token_bytes(32)
"""Given from outside, it outlives this Kamailio, and so the calls that go on over its restart are still known."""
