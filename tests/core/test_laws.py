"""The laws of the core, held against random commands to random tenants."""

import random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.core.random_tenants import Chance, run_random_commands
from tests.core.watched_story import WatchedStory

RUNS, STEPS = 30, 120


def drawing(data):
    return lambda values: data.draw(st.sampled_from(values))


class RandomTenant(RuleBasedStateMachine):
    """A random tenant; Hypothesis seeks, and then shortens, a sequence of commands that breaks a law."""

    @initialize(data=st.data())
    def configure(self, data):
        self.chance = Chance(drawing(data))
        self.story = WatchedStory()
        self.story.try_command(self.chance.configuration())

    @rule(data=st.data())
    def command(self, data):
        self.chance.choose_of_list = drawing(data)
        self.story.try_command(*self.chance.command(self.story))

    def teardown(self):
        if hasattr(self, "story"):
            self.story.end()


RandomTenant.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

TestLaws = pytest.mark.req("C1", "C6", "C7", "M1", "M2", "K2", "E1", "W4")(RandomTenant.TestCase)


@pytest.mark.req("C1", "C6", "C7", "M1", "M2", "K2", "E1", "W4")
@pytest.mark.parametrize("seed", range(RUNS))
def test_laws_over_long_stories(seed):
    """The laws hold after every one of many random commands."""
    chance, story = Chance(random.Random(seed).choice), WatchedStory()
    story.try_command(chance.configuration())
    for _ in range(STEPS):
        story.try_command(*chance.command(story))
    story.end()


@pytest.mark.req("W4")
def test_same_commands_same_bytes():
    """The same commands give the same changes, byte for byte."""
    assert run_random_commands(7, steps=200) == run_random_commands(7, steps=200)
