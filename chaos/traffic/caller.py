"""A caller: one who acts, waits for the answer, and asks again under the same request_id where there was none."""

import asyncio
from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from google.protobuf.message import Message

from cartera.routing.v1.routing_service_pb2 import ClaimInteractionRequest
from chaos.methods import METHODS, Method
from chaos.traffic import tenants
from chaos.traffic.acts import any_act
from chaos.traffic.attending import route
from chaos.traffic.connections import Answer, Attempts
from chaos.traffic.floor import Floor
from chaos.traffic.reading import list_interactions

ROUNDS = 8
"""How often a caller asks before it gives up."""

HOT_SHARE = 0.7
"""How much of the traffic is the first tenant's."""

RACERS = 4
"""How many agents claim one interaction at once."""

PATIENT_SECONDS = 5.0


class Asked(NamedTuple):
    """A request on its way, always the same bytes."""

    method: Method
    request: Message
    payload: bytes
    floor: Floor

    @property
    def changes(self) -> bool:
        """It is a mutation, and not one that is only validated."""
        return self.method.mutates and not getattr(self.request, "validate_only", False)


class Caller:
    """Acts on the floors of tenants until it is told to stop."""

    def __init__(
        self, name: str, attempts: Attempts, floors: Sequence[Floor], chance: Random, run: str, *, copies: bool
    ) -> None:
        self._name = f"{run}-{name}"
        self._attempts = attempts
        self._floors = floors
        self._chance = chance
        self._copies = copies
        self._home = chance.choice(attempts.addresses)
        self._requests = 0
        self._answered: deque[Asked] = deque(maxlen=100)
        self.unknown: list[Asked] = []
        """Mutations that it gave up, whose outcome it doesn't know."""

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self._answered and self._chance.random() < 0.01:
                await self.ask(self._chance.choice(self._answered), stop)
            else:
                await self._act(stop)

    async def _act(self, stop: asyncio.Event) -> None:
        hot = self._chance.random() < HOT_SHARE
        floor = self._floors[0] if hot else self._chance.choice(self._floors)
        request = any_act(self._chance)(floor, self._chance) or self._otherwise(floor)
        if isinstance(request, ClaimInteractionRequest) and request.interaction_id:
            await asyncio.gather(*(self.ask(self.asked(each, floor), stop) for each in self._race(request)))
        else:
            await self.ask(self.asked(request, floor), stop)

    def _otherwise(self, floor: Floor) -> Message:
        """Where nothing is known to act on: more arrives, or somebody looks what there is."""
        return self._chance.choice((route, list_interactions))(floor, self._chance)

    def _race(self, request: ClaimInteractionRequest) -> list[ClaimInteractionRequest]:
        """The same claim by several agents."""
        agents = self._chance.sample(tenants.AGENTS, RACERS)
        claims = [ClaimInteractionRequest() for _ in agents]
        for claim, agent_id in zip(claims, agents, strict=True):
            claim.CopyFrom(request)
            claim.agent_id = agent_id
        return claims

    def asked(self, request: Message, floor: Floor) -> Asked:
        """The request, with an id of its own where it takes one."""
        method = METHODS[type(request).__name__.removesuffix("Request")]
        if method.mutates:
            self._requests += 1
            changing: Any = request
            changing.request_id = f"{self._name}-{self._requests}"
        return Asked(method, request, request.SerializeToString(deterministic=True), floor)

    async def ask(self, asked: Asked, stop: asyncio.Event, rounds: int = ROUNDS) -> Answer:
        """Ask until there is an answer, or patience ends: what became of a mutation then settles later."""
        answer = Answer("")
        for number in range(rounds):
            answer = await self._round(asked)
            if not answer.is_untold:
                self._learn(asked, answer)
                return answer
            if stop.is_set() or self._chance.random() < 0.1:
                break
            await asyncio.sleep(min(0.03 * 2**number, 1.5) * self._chance.uniform(0.5, 1))
            self._home = self._chance.choice(self._attempts.addresses)
        if asked.changes:
            self.unknown.append(asked)
        return answer

    async def settle(self, asked: Asked) -> bool:
        """Ask once more, with patience. Whether there was an answer."""
        address = self._chance.choice(self._attempts.addresses)
        answer = await self._attempts.make(address, asked.method.path, asked.payload, PATIENT_SECONDS)
        if not answer.is_untold:
            self._learn(asked, answer)
        return not answer.is_untold

    async def _round(self, asked: Asked) -> Answer:
        """One attempt, or a few at once at different addresses."""
        answers = await asyncio.gather(
            *(
                self._attempts.make(address, asked.method.path, asked.payload, self._patience())
                for address in self._targets(asked)
            )
        )
        good = [each for each in answers if each.is_good]
        untold = [each for each in answers if each.is_untold]
        return (good or untold or answers)[0]

    def _targets(self, asked: Asked) -> list[str]:
        if not self._copies or not asked.changes:
            return [self._home]
        number = self._chance.randint(1, 3)
        addresses = self._chance.sample(self._attempts.addresses, len(self._attempts.addresses))
        return (addresses * number)[:number]

    def _patience(self) -> float:
        """Some callers wait hardly at all."""
        return self._chance.uniform(0.01, 0.3) if self._chance.random() < 0.03 else PATIENT_SECONDS

    def _learn(self, asked: Asked, answer: Answer) -> None:
        interaction_id = getattr(asked.request, "interaction_id", "")
        if interaction_id and asked.method.mutates:
            asked.floor.forget(interaction_id)
        if not answer.is_good:
            return
        if asked.changes or not asked.method.mutates:
            asked.floor.learn(asked.method.response.FromString(answer.response))
        if asked.changes:
            self._answered.append(asked)
