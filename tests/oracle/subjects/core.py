"""The core as a subject, without an engine."""

from datetime import timedelta

from cartera.core.caller import TIME
from cartera.core.commands import Tick
from cartera.core.handle import handle
from cartera.core.records import SYSTEM, Agent, AgentPresence, Interaction
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import AgentStatus
from tests.core.specification import ADMINISTRATOR, START, Story, agent_actor
from tests.oracle.subjects import translation
from tests.oracle.subjects.translation import outline


class CoreTenant:
    """A tenant in the core."""

    def __init__(self):
        self.story = Story()

    async def configure(self, configuration):
        self.story.when(translation.whole(configuration))

    async def advance(self, seconds):
        """What is due by then is done then."""
        story = self.story
        story.now = START + timedelta(seconds=seconds)
        story._append(handle(story.state, Tick(), TIME, story.now), SYSTEM)

    async def do(self, command):
        by = agent_actor(command.by) if getattr(command, "by", "") else ADMINISTRATOR
        try:
            self.story.when(translation.command(command, self._name_of), by=by)
        except Rejected as rejected:
            return {each.reason.name for each in rejected.violations}
        return set()

    async def picture(self):
        interactions = {f"interaction {number}": outline(each) for number, each in enumerate(self._interactions())}
        return interactions | {
            each.agent_id: self._agent(each.agent_id) for each in self.story.state.table(Agent).values()
        }

    def _name_of(self, number):
        interactions = self._interactions()
        return interactions[number].interaction_id if number < len(interactions) else "none"

    def _interactions(self):
        return sorted(self.story.state.table(Interaction).values(), key=lambda each: each.sequence)

    def _agent(self, agent_id):
        presence = self.story.get(AgentPresence, agent_id) or AgentPresence(agent_id, AgentStatus.OFFLINE)
        return presence.status.name, self.story.state.units_in_use(agent_id)
