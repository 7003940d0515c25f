"""Create, Update, Delete, Get and List, alike for every kind of resource.

The names in the contract are regular: CreateAgentRequest has a field `agent`, DeleteAgentRequest the fields of an
agent's key, ListAgentsResponse a field `agents`.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from cartera.contract import decode
from cartera.core.commands import CreateResource, DeleteResource, UpdateResource
from cartera.core.decide.required import kind_of
from cartera.core.record_tables import key_of
from cartera.core.records import TABLES, Key
from cartera.core.state import State
from cartera.engine.engine import Engine
from cartera.engine.submission import Outcome, Respond
from cartera.rpc.call import Call
from cartera.rpc.page_tokens import key_after, page_token
from cartera.rpc.reading import Fields, Reading, missing, page_size
from cartera.rpc.submission import submit
from cartera.rpc.visibility import ids_seen, require_visible, sees_every
from cartera.store.reads import EVERYWHERE, Page, Snapshot, Where

AlsoOfOne = Callable[[Snapshot, Any], Fields]
AlsoOfPage = Callable[[Snapshot, tuple[Any, ...]], Fields]
Find = Callable[..., Page[Any]]
"""Finds a page in a snapshot: `after` a key, up to a `limit`."""


class NextSeen(NamedTuple):
    """The ids that come next in a list, one more than its page has room for, and the field that holds them."""

    name: str
    ids: list[str]


class Resources:
    """What the servicers of resources share."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine = engine
        self._reading = reading

    async def create(self, call: Call[Any], resource_type: type[Any]) -> bytes:
        resource = decode(getattr(call.request, kind_of(resource_type)), resource_type)
        return await submit(self._engine, call, CreateResource(resource), _show(call, resource))

    async def update(self, call: Call[Any], resource_type: type[Any]) -> bytes:
        resource = decode(getattr(call.request, kind_of(resource_type)), resource_type)
        mask = tuple(call.request.update_mask.paths)
        command = UpdateResource(resource, mask, getattr(call.request, "allow_missing", False))
        return await submit(self._engine, call, command, _show(call, resource))

    async def delete(self, call: Call[Any], resource_type: type[Any]) -> bytes:
        command = DeleteResource(resource_type, _key(call, resource_type), call.request.etag)
        return await submit(self._engine, call, command, lambda _state, outcome: call.answer(revision=outcome.revision))

    async def get(
        self,
        call: Call[Any],
        resource_type: type[Any],
        also: AlsoOfOne | None = None,
    ) -> bytes:
        """Answers the resource that the request names, and what else belongs to the answer."""
        key = _key(call, resource_type)
        await require_visible(self._reading, call, resource_type, key)

        def question(snapshot: Snapshot) -> Fields:
            resource = snapshot.get(resource_type, key)
            if resource is None:
                raise missing(resource_type, key)
            return {kind_of(resource_type): resource, **(also(snapshot, resource) if also else {})}

        return await self._reading.answer(call, question)

    async def page(
        self,
        call: Call[Any],
        record_type: type[Any],
        *,
        where: Where = EVERYWHERE,
        within: type[Any] | None = None,
        also: AlsoOfPage | None = None,
    ) -> bytes:
        """Answers a page of a list by key, of what the caller sees; of what is within a resource, that resource must
        exist and be seen.
        """
        after = key_after(call, len(TABLES[record_type]))
        if within is not None:
            await require_visible(self._reading, call, within, _key(call, within))
        next_seen = await self._next_seen(call, record_type, after, where)

        def question(snapshot: Snapshot) -> Fields:
            if within is not None and snapshot.get(within, key := _key(call, within)) is None:
                raise missing(within, key)
            find = _of_those(next_seen, snapshot.page)
            found = find(record_type, after=after, limit=page_size(call), where=where)
            records = tuple(found.records)
            return {
                **_page(call, record_type, records, more=found.more),
                **(also(snapshot, records) if also else {}),
            }

        return await self._reading.answer(call, question)

    async def found_page(self, call: Call[Any], name: str, find: Find, of: type[Any] | None = None) -> bytes:
        """Answers a page of what the store finds, each under the key that its first field is; where they are of records
        of a type, of those that the caller sees.
        """
        after = key_after(call)
        next_seen = await self._next_seen(call, of, after) if of else None

        def question(snapshot: Snapshot) -> Fields:
            found = _of_those(next_seen, find)(snapshot, after=after, limit=page_size(call))
            token = page_token(call, found.records[-1][:1]) if found.more else ""
            return {name: tuple(found.records), "next_page_token": token}

        return await self._reading.answer(call, question)

    async def _next_seen(
        self, call: Call[Any], record_type: type[Any], after: Key | None, where: Where = EVERYWHERE
    ) -> NextSeen | None:
        """Which records come next of those that the caller sees, found in memory: who sees little must not cost a walk
        through all rows. None: it sees all.
        """
        if sees_every(call.caller, record_type):
            return None
        [name], limit, last = TABLES[record_type], page_size(call), after[0] if after else ""

        def question(state: State, _now: datetime) -> NextSeen:
            seen = sorted(each for each in ids_seen(state, call.caller, record_type) if each > last)
            there = (each for each in seen if _is_met(state.get(record_type, each), where))
            return NextSeen(name, list(islice(there, limit + 1)))

        return await self._reading.ask_state(call, question)


def _is_met(record: Any, where: Where) -> bool:
    return record is not None and all(getattr(record, name) == value for name, value in where.items())


def _of_those(next_seen: NextSeen | None, find: Find) -> Find:
    """Finds the same, of those only that come next."""
    if next_seen is None:
        return find

    def find_seen(*of: Any, limit: int, **_place: Any) -> Page[Any]:
        ids = next_seen.ids[:limit]
        found = find(*of, where={next_seen.name: ids}, limit=limit) if ids else Page([], more=False)
        return Page(found.records, more=len(next_seen.ids) > limit)

    return find_seen


def _page(call: Call[Any], record_type: type[Any], records: tuple[Any, ...], *, more: bool) -> Fields:
    token = page_token(call, key_of(records[-1])) if more else ""
    return {f"{kind_of(record_type)}s": records, "next_page_token": token}


def _show(call: Call[Any], resource: Any) -> Respond:
    def respond(state: State, outcome: Outcome) -> bytes:
        kept = state.get(type(resource), *key_of(resource))
        return call.answer(revision=outcome.revision, **{kind_of(type(resource)): kept})

    return respond


def _key(call: Call[Any], resource_type: type[Any]) -> Key:
    return tuple(getattr(call.request, name) for name in TABLES[resource_type])
