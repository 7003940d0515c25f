"""The voice gateway is no part of the package: its two halves are found where it runs them."""

import sys
from pathlib import Path

VOICE = Path(__file__).parents[3] / "gateways" / "voice"

sys.path[:0] = [str(VOICE), str(VOICE / "kamailio")]
