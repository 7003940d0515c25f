"""The core as a subject: it is told what the oracle is told, and shows the same picture."""

from datetime import timedelta

from cartera.core.commands import Tick
from cartera.core.handle import handle
from cartera.core.records import SYSTEM, Agent, AgentPresence, Interaction
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import AgentStatus
from tests.core.specification import ADMINISTRATOR, START, Story, agent_actor
from tests.oracle.subjects import translation


class CoreTenant:
    """A tenant in the core, without an engine."""

    def __init__(self, configuration):
        self.story = Story().when(translation.whole(configuration))

    def advance(self, seconds, *, jump=False):
        """Time passes: each deadline is met when it is due, or, with a jump, all of them late."""
        story = self.story
        if not jump:
            story.passes(START + timedelta(seconds=seconds) - story.now)
        elif START + timedelta(seconds=seconds) > story.now:
            story.now = START + timedelta(seconds=seconds)
            story._append(handle(story.state, Tick(), SYSTEM, story.now), SYSTEM)

    def do(self, command):
        by = agent_actor(command.by) if getattr(command, "by", "") else ADMINISTRATOR
        try:
            self.story.when(translation.command(command, self.name_of), by=by)
        except Rejected as rejected:
            return {each.reason.name for each in rejected.violations}
        return set()

    def name_of(self, number):
        interactions = self.interactions()
        return interactions[number].interaction_id if number < len(interactions) else "none"

    def interactions(self):
        return sorted(self.story.state.table(Interaction).values(), key=lambda each: each.sequence)

    def picture(self):
        interactions = {
            f"interaction {number}": (
                each.state.name,
                each.reason.name,
                each.agent_id,
                each.workgroup_id,
                int(each.priority),
            )
            for number, each in enumerate(self.interactions())
        }
        return interactions | {each.agent_id: self.agent(each.agent_id) for each in self.story.state.table(Agent).values()}

    def agent(self, agent_id):
        presence = self.story.get(AgentPresence, agent_id)
        status = presence.status.name if presence else AgentStatus.OFFLINE.name
        return status, self.story.state.units_in_use(agent_id)
