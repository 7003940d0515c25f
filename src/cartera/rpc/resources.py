"""Create, Update, Delete, Get and List, alike for every kind of resource.

The names in the contract are regular: CreateAgentRequest has a field `agent`, DeleteAgentRequest the fields of an
agent's key, ListAgentsResponse a field `agents`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
from cartera.rpc.visibility import Visible
from cartera.store.reads import EVERYWHERE, Page, Snapshot, Where

AlsoOfOne = Callable[[Snapshot, Any], Fields]
AlsoOfPage = Callable[[Snapshot, tuple[Any, ...]], Fields]
Find = Callable[..., Page[Any]]
"""Finds a page in a snapshot: `after` a key, up to a `limit`."""

Require = Callable[[Call[Any], Any], None]
"""Refuses a caller who may not see the resource, or None where there is none."""


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
        require: Require | None = None,
    ) -> bytes:
        """Answers the resource that the request names, and what else belongs to the answer."""
        key = _key(call, resource_type)

        def question(snapshot: Snapshot) -> Fields:
            resource = snapshot.get(resource_type, key)
            if require is not None:
                require(call, resource)
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
        """Answers a page of a list by key; of what is within a resource, that resource must exist."""
        after = key_after(call)

        def question(snapshot: Snapshot) -> Fields:
            if within is not None and snapshot.get(within, key := _key(call, within)) is None:
                raise missing(within, key)
            found = snapshot.page(record_type, after=after, limit=page_size(call), where=where)
            records = tuple(found.records)
            return {
                **_page(call, record_type, records, more=found.more),
                **(also(snapshot, records) if also else {}),
            }

        return await self._reading.answer(call, question)

    async def found_page(self, call: Call[Any], name: str, find: Find) -> bytes:
        """Answers a page of what the store finds, each under the key that its first field is."""
        after = key_after(call)

        def question(snapshot: Snapshot) -> Fields:
            found = find(snapshot, after=after, limit=page_size(call))
            token = page_token(call, found.records[-1][:1]) if found.more else ""
            return {name: tuple(found.records), "next_page_token": token}

        return await self._reading.answer(call, question)

    async def visible_page(
        self,
        call: Call[Any],
        record_type: type[Any],
        visible: Visible,
        also: Callable[[State], Fields] | None = None,
    ) -> bytes:
        """Answers a page of those that the caller may see, found in memory: who sees little must not cost a walk
        through all rows.
        """
        after, limit = key_after(call) or (), page_size(call)

        def question(state: State, _now: datetime) -> bytes:
            seen = [item for item in state.table(record_type).items() if item[0] > after]
            shown = sorted(key for key, record in seen if visible(state, record))
            records = tuple(state.table(record_type)[key] for key in shown[:limit])
            fields = _page(call, record_type, records, more=len(shown) > limit)
            return call.answer(revision=state.revision, **fields, **(also(state) if also else {}))

        return await self._reading.ask_state(call, question)


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
