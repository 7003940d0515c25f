"""How tokens may be signed, apart from what it takes to verify them: settings are read without that."""

ALGORITHMS = ("RS256", "ES256", "EdDSA", "HS256")
"""All that there are. `none` is no algorithm."""

OF_SECRETS = frozenset({"HS256"})
"""Those that sign and verify with the same key."""


def algorithms_of(listed: str) -> frozenset[str]:
    """The algorithms of a list with commas between them."""
    return frozenset(each.strip() for each in listed.split(",") if each.strip())
