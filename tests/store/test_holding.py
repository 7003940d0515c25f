"""A tenant that is held is nobody else's to write."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest

from cartera.store.open import open_store
from tests.store.examples import write

PATIENCE = 30
"""How long to wait for what must come, in seconds."""


@pytest.mark.req("G5")
def test_a_held_tenant_is_nobody_elses_to_write(url: str) -> None:
    """Who has lost races holds the head: another's write waits, and then finds that it was late."""
    with closing(open_store(url)) as holder, closing(open_store(url)) as other, ThreadPoolExecutor(1) as thread:
        assert holder.append([write("acme", 0)], {}) == {"acme"}
        with holder.holding(["acme"]):
            late: Future[set[str]] = thread.submit(other.append, [write("acme", 1)], {})
            assert holder.append([write("acme", 1)], {}) == {"acme"}
        assert late.result(PATIENCE) == set()
        assert holder.heads(["acme"])["acme"].revision == 2


@pytest.mark.req("G6")
def test_what_is_appended_while_holding_is_taken_back_with_a_failure(url: str) -> None:
    with closing(open_store(url)) as store:
        store.append([write("acme", 0)], {})
        with pytest.raises(ZeroDivisionError), store.holding(["acme"]):  # noqa: PT012 - what is held fails
            store.append([write("acme", 1)], {})
            raise ZeroDivisionError
        assert store.heads(["acme"])["acme"].revision == 1
        assert store.append([write("acme", 1)], {}) == {"acme"}
