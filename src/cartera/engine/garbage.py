"""Garbage: what the collector of cyclic garbage looks through, and when.

What a replica remembers is very many objects that stay for long and have no cycles. To look through them finds nothing
and holds up every call, for tenths of a second where they are many. So the collector is shown what is new, often and
little at a time; what it has seen once, or was loaded, it is not shown again before there is much of it, and then in a
moment in which nobody calls. Whatever has no cycles leaves memory at once, seen or not.
"""

import gc

SEEN_AT_ONCE = 2_000
"""How many new objects are looked through at a time, which takes a millisecond or two."""

LARGE = 10_000
"""How many records are loaded before all that is in memory is put out of sight."""

MUCH = 1_000_000
"""How many objects are out of sight when all are looked through again in a quiet moment: a fiftieth of them may have
become cyclic garbage since, some megabytes.
"""

FAR_TOO_MUCH = 10 * MUCH
"""How many they are when no quiet moment is waited for."""


class Sight:
    """What the collector sees of a process. There is one collector, so there is one of these."""

    def __init__(self, much: int = MUCH, far_too_much: int = FAR_TOO_MUCH) -> None:
        self._much = much
        self._far_too_much = far_too_much
        self._loaded = 0
        self._hidden = 0

    def narrow(self) -> None:
        """Show the collector from now on what is new only. For a process that does nothing but serve."""
        gc.set_threshold(SEEN_AT_ONCE)
        gc.callbacks.append(self._looked)

    def loaded(self, records: int) -> None:
        """Put what has been loaded, with all else, out of sight: at once, or together with others."""
        self._loaded += records
        if self._loaded >= LARGE:
            self._hide(self._loaded)
            self._loaded = 0

    def widen(self, *, quiet: bool) -> None:
        """Look through everything, if it is time to; sooner where it is quiet."""
        if self._hidden > (self._much if quiet else self._far_too_much):
            self._hidden = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def _looked(self, phase: str, _: dict[str, int]) -> None:
        if phase == "stop":
            self._hide(SEEN_AT_ONCE)

    def _hide(self, objects: int) -> None:
        self._hidden += objects
        gc.freeze()


SIGHT = Sight()
"""This process's."""
