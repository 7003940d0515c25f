"""Skills: what an interaction demands, and who has it (M8)."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from cartera.core.records import Skill, SkillRequirement

Need = tuple[tuple[str, int], ...]
"""The skills that are demanded, each with its least level, by name."""

Profile = tuple[tuple[str, int], ...]
"""The skills that an agent has, each with its level, by name."""


def need_of(requirements: Iterable[SkillRequirement]) -> Need:
    """What an interaction demands now."""
    return tuple(sorted((each.skill, each.level) for each in requirements))


def profile_of(skills: Collection[Skill]) -> Profile:
    """What an agent has."""
    return tuple(sorted((each.name, each.level) for each in skills)) if skills else ()


@lru_cache(maxsize=10_000)
def has_all(profile: Profile, need: Need) -> bool:
    """Whether who has the profile has all that is demanded."""
    levels = dict(profile)
    return all(levels.get(skill, 0) >= level for skill, level in need)


@lru_cache(maxsize=10_000)
def lacking(profile: Profile, need: Need) -> tuple[str, ...]:
    """The skills that are demanded and that who has the profile lacks."""
    levels = dict(profile)
    return tuple(skill for skill, level in need if levels.get(skill, 0) < level)


@lru_cache(maxsize=10_000)
def score(profile: Profile, need: Need) -> int:
    """How well the profile meets the demand: the sum of its levels over the skills demanded."""
    levels = dict(profile)
    return sum(levels.get(skill, 0) for skill, _ in need)
