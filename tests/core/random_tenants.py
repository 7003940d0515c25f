"""Random small tenants, and random commands to them. What is random comes from a function that chooses."""

import random
from datetime import timedelta

from cartera.contract import encode_change
from cartera.core.commands import (
    AcceptOffer,
    AddToOwnPortfolio,
    ApplyConfiguration,
    AssignInteraction,
    AssignPortfolio,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    Configuration,
    CreateResource,
    DeleteResource,
    ExtendSession,
    FinishWrapUp,
    HandOverPortfolios,
    RejectOffer,
    RemoveExclusiveAgent,
    RemoveFromPortfolio,
    ReportDelivery,
    RouteInteraction,
    SetAgentStatus,
    SetExclusiveAgent,
    Tick,
    Transfer,
    UpdateResource,
    WriteNote,
)
from cartera.core.records import (
    Agent,
    Campaign,
    CampaignAddress,
    ChannelAgents,
    ChannelRule,
    Condition,
    Contact,
    ExclusiveAgent,
    Interaction,
    LastAgentRule,
    Organization,
    OverflowStep,
    Portfolio,
    Script,
    Skill,
    SkillRequirement,
    TagsCondition,
    Tenant,
    Trigger,
    TriggerActions,
    Workgroup,
)
from cartera.core.rejection import Rejected
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    Channel,
    ConflictPolicy,
    DeliveryState,
    InteractionState,
    LeavingPolicy,
    PortfolioMode,
    PortfolioState,
    Priority,
)
from tests.core.specification import ADMINISTRATOR, Story, agent_actor
from tests.core.tenants import DISPOSITIONS

MINUTE = timedelta(minutes=1)
AGENTS = ("ana", "bruno", "carla", "dario", "eva")
WORKGROUPS = ("w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7")
CAMPAIGNS = ("k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7")
PORTFOLIOS = ("p0", "p1", "p2")
KNOWN = ("c0", "c1", "c2", "c3", "c4", "c5")
CONTACTS = (*KNOWN, "unknown")
CHANNELS = ((), (), (), (Channel.CHAT,), (Channel.VOICE,), (Channel.CHAT, Channel.VOICE))
CHANNEL_RULES = (
    (),
    (),
    (),
    (ChannelRule(Channel.VOICE, cost=2),),
    (ChannelRule(Channel.VOICE, exclusive=True), ChannelRule(Channel.CHAT, limit=2)),
)
SKILLS = ((), (), (Skill("es", 2),), (Skill("es", 5), Skill("vip", 3)))
CHOOSING = (AssignmentMethod.DEFAULT_GROUP, AssignmentMethod.BY_CHANNEL)
ELAPSED = (*[timedelta()] * 8, *[timedelta(seconds=1)] * 4, MINUTE, 3 * MINUTE, 20 * MINUTE)


class Chance:
    """Commands to a tenant whose state is told from its story."""

    def __init__(self, choose_of_list):
        self.choose_of_list = choose_of_list

    def choose(self, values):
        return self.choose_of_list(list(values))

    def some(self, values):
        """Some of the values, in any order."""
        left = list(values)
        return tuple(left.pop(self.choose(range(len(left)))) for _ in range(self.choose(range(len(left) + 1))))

    # Configuration

    def configuration(self):
        """A whole tenant; each assignment method has a workgroup at least."""
        methods = [each for each in AssignmentMethod if each]
        return ApplyConfiguration(
            Configuration(
                tenant=self.tenant(),
                agents=tuple(map(self.agent, AGENTS)),
                workgroups=tuple(map(self.workgroup, WORKGROUPS, methods)),
                organizations=(Organization("acme", tags=("VIP",)),),
                scripts=(Script("s"),),
                campaigns=tuple(map(self.campaign, CAMPAIGNS, WORKGROUPS)),
                triggers=(self.trigger(),),
                portfolios=tuple(map(self.portfolio, PORTFOLIOS)),
                contacts=tuple(Contact(each, organization_id=self.choose(("", "acme"))) for each in KNOWN),
            )
        )

    def tenant(self):
        return Tenant(
            "Prueba",
            session_limit=self.choose((None, None, 30 * MINUTE)),
            session_alert=5 * MINUTE,
            channel_rules=self.choose(CHANNEL_RULES),
        )

    def agent(self, agent_id):
        return Agent(
            agent_id,
            capacity=self.choose((1, 2, 3)),
            channels=self.choose(CHANNELS),
            channel_rules=self.choose(CHANNEL_RULES),
            skills=self.choose(SKILLS),
        )

    def workgroup(self, workgroup_id, method=None):
        members = self.some(AGENTS)
        method = method or self.choose([each for each in AssignmentMethod if each])
        if not members and method in CHOOSING:
            members = AGENTS[:2]
        return Workgroup(
            workgroup_id,
            member_ids=members,
            method=method,
            portfolio_mode=self.choose((PortfolioMode.MANUAL, PortfolioMode.AUTOMATIC)),
            owner_wait=self.choose((None, 2 * MINUTE, 10 * MINUTE)),
            queue_when_nobody_online=self.choose((True, True, False)),
            ageing_interval=self.choose((None, 2 * MINUTE)),
            owner_wait_busy=self.choose((None, None, MINUTE)),
            owner_wait_offline=self.choose((None, None, timedelta())),
            offer_timeout=self.choose((None, None, MINUTE)),
            offer_cool_down=self.choose((None, timedelta(), MINUTE)),
            offer_miss_limit=self.choose((0, 0, 1, 2)),
            wrap_up=self.choose((None, None, MINUTE)),
            leaving_policy=self.choose(LeavingPolicy),
            leaving_debounce=self.choose((None, 2 * MINUTE)),
            overflow_steps=self.overflow_steps(workgroup_id),
            queue_limit=self.choose((0, 0, 1, 3)),
            longest_wait=self.choose((None, None, 15 * MINUTE)),
            unattended_after=self.choose((None, 4 * MINUTE)),
            pacing=self.choose((None, None, timedelta(seconds=30))),
            last_agent=self.last_agent_rule(),
            default_agent_ids=members[:2],
            channel_agents=self.channel_agents(members),
        )

    def overflow_steps(self, workgroup_id):
        """To a workgroup of a higher name only, so that there is no cycle."""
        further = WORKGROUPS[WORKGROUPS.index(workgroup_id) + 1 :]
        steps = (
            OverflowStep(MINUTE, drop_skill="es"),
            OverflowStep(2 * MINUTE, priority=Priority.HIGH),
            *(OverflowStep(3 * MINUTE, add_workgroup_id=each) for each in further[:1]),
        )
        return self.choose(((), (), steps, steps[2:]))

    def last_agent_rule(self):
        fallback = self.choose((AssignmentMethod.UNSPECIFIED, AssignmentMethod.LEAST_LOAD, AssignmentMethod.BEST_SKILL))
        return self.choose((None, LastAgentRule(("ana", "bruno"), (), fallback), LastAgentRule((), (), fallback)))

    def channel_agents(self, members):
        chats = ChannelAgents(Channel.CHAT, members[:2])
        calls = ChannelAgents(Channel.VOICE, members[-1:])
        return self.choose(((chats,), (chats, calls))) if members else ()

    def campaign(self, campaign_id, workgroup_id=None):
        addresses = (
            CampaignAddress(Channel.CHAT, "chat", self.choose((False, True))),
            CampaignAddress(Channel.VOICE, "+34900"),
        )
        served_by = (workgroup_id or self.choose(WORKGROUPS),)
        return Campaign(campaign_id, addresses=addresses, workgroup_ids=served_by, dispositions=DISPOSITIONS)

    def trigger(self):
        vip = Condition(tags=TagsCondition(any_of=("VIP",)))
        skills = self.choose(((), (SkillRequirement("es", 3, MINUTE),)))
        actions = TriggerActions(self.choose(("", *WORKGROUPS)), self.choose(Priority), ("seen",), skills)
        return Trigger("t", active=self.choose((True, False)), all_of=(vip,), actions=actions)

    def portfolio(self, portfolio_id):
        return Portfolio(
            portfolio_id,
            state=self.choose((PortfolioState.ACTIVE, PortfolioState.ACTIVE, PortfolioState.INACTIVE)),
            owner_agent_ids=self.some(AGENTS[:3]),
            owner_workgroup_ids=self.choose(((), (), ("w0",), ("w1", "w0"))),
            backup_agent_ids=self.choose(((), ("dario",), ("eva", "dario"))),
            ownership_expiry=self.choose((None, None, 8 * MINUTE)),
        )

    # Commands

    def command(self, story):
        """A command, who asks for it, and the time that passes before."""
        kind = self.choose(COMMANDS)
        command = kind(self, story)
        actor = ADMINISTRATOR if self.choose(range(8)) else agent_actor(self.choose(AGENTS))
        return command, actor, self.choose(ELAPSED)

    def interaction_id(self, story, *, held=False):
        """An interaction: one that waits or is held as is asked for, if there is one, and now and then any."""
        found = list(story.state.table(Interaction).values())
        fit = [each for each in found if each.ended_at is None and bool(each.agent_id) is held]
        return self.choose((fit if self.choose(range(6)) else found) or found).interaction_id if found else "none"

    def route(self, _story):
        channel = self.choose((Channel.CHAT, Channel.VOICE))
        contact_id, priority = self.choose(CONTACTS), self.choose((Priority.UNSPECIFIED, *Priority))
        skills = self.choose(((), (), (), (SkillRequirement("es", 2),), (SkillRequirement("vip", 1, 2 * MINUTE),)))
        return RouteInteraction(self.choose(CAMPAIGNS), contact_id, channel, priority=priority, skills=skills)

    def status(self, _story):
        status = self.choose((*[AgentStatus.ONLINE] * 5, AgentStatus.PAUSED, AgentStatus.OFFLINE))
        return SetAgentStatus(self.choose(AGENTS), status, "descanso", self.choose(CHANNELS))

    def complete(self, story):
        return CompleteInteraction(self.interaction_id(story, held=True), self.choose(("Venta", "Venta", "Queja")))

    def cancel(self, story):
        return CancelInteraction(self.interaction_id(story, held=self.choose((True, False))))

    def claim(self, story):
        interaction_id = self.choose(("", self.interaction_id(story)))
        return ClaimInteraction(self.choose(AGENTS), interaction_id)

    def assign(self, story):
        over = self.choose((False, False, True))
        return AssignInteraction(self.interaction_id(story), self.choose(AGENTS), over)

    def transfer(self, story):
        to = self.choose(
            (
                {"agent_id": self.choose(AGENTS)},
                {"campaign_id": self.choose(CAMPAIGNS)},
                {"workgroup_id": self.choose(WORKGROUPS)},
            )
        )
        return Transfer(self.interaction_id(story, held=True), note="sigue", **to)

    def answer_offer(self, story):
        """An offer is accepted or rejected, if there is any."""
        offered = [each for each in story.state.table(Interaction).values() if each.state is InteractionState.OFFERED]
        if not offered:
            return Tick()
        interaction = self.choose(offered)
        agent_id = self.choose((interaction.agent_id, interaction.agent_id, "ana"))
        return self.choose((AcceptOffer, AcceptOffer, RejectOffer))(interaction.interaction_id, agent_id)

    def finish_wrap_up(self, story):
        """A wrap-up is ended, if there is any."""
        wrapping = [each for each in story.state.table(Interaction).values() if each.state is InteractionState.WRAP_UP]
        return FinishWrapUp(self.choose(wrapping).interaction_id) if wrapping else Tick()

    def write(self, story):
        """A note is written, or a delivery reported."""
        interaction_id = self.interaction_id(story, held=True)
        note = WriteNote(interaction_id, "llamar el lunes", self.choose((0, 1)))
        return self.choose((note, ReportDelivery(interaction_id, "m1", DeliveryState.READ)))

    def hand_over(self, _story):
        return HandOverPortfolios(self.choose(AGENTS), self.choose(AGENTS), "se va")

    def assign_portfolio(self, _story):
        policy = self.choose(ConflictPolicy)
        return AssignPortfolio(self.choose(PORTFOLIOS), self.some(CONTACTS), policy, "grande", self.choose(("", "s")))

    def remove_from_portfolio(self, _story):
        return RemoveFromPortfolio(self.choose(PORTFOLIOS), self.some(KNOWN))

    def add_to_own_portfolio(self, _story):
        return AddToOwnPortfolio(self.choose(AGENTS), self.choose(CONTACTS), "mío")

    def exclusive_agent(self, story):
        """One is set, or one that there is removed, if there is any."""
        places = list(story.state.table(ExclusiveAgent)) if self.choose((False, False, True)) else []
        if places:
            return RemoveExclusiveAgent(*self.choose(places))
        return SetExclusiveAgent(self.choose(CONTACTS), self.choose(CAMPAIGNS), self.choose(AGENTS))

    def session(self, _story):
        return self.choose((ExtendSession(self.choose(AGENTS)), Tick()))

    def update(self, _story):
        changed = (
            lambda: self.agent(self.choose(AGENTS)),
            lambda: self.workgroup(self.choose(WORKGROUPS)),
            lambda: self.portfolio(self.choose(PORTFOLIOS)),
            lambda: self.campaign(self.choose(CAMPAIGNS)),
            self.trigger,
            self.tenant,
        )
        return UpdateResource(self.choose(changed)(), allow_missing=True)

    def apply(self, _story):
        """Several changes at once."""
        return ApplyConfiguration(
            Configuration(
                agents=tuple(map(self.agent, self.some(AGENTS))),
                workgroups=tuple(map(self.workgroup, self.some(WORKGROUPS))),
                portfolios=tuple(map(self.portfolio, self.some(PORTFOLIOS))),
            )
        )

    def create_or_delete(self, story):
        resource_type, identifier = self.choose(
            (
                (Contact, self.choose(KNOWN)),
                (Portfolio, self.choose(PORTFOLIOS)),
                (Trigger, "t"),
                (Agent, self.choose(AGENTS)),
                (Campaign, self.choose(CAMPAIGNS)),
                (Workgroup, self.choose(WORKGROUPS)),
            )
        )
        if story.state.get(resource_type, identifier):
            return DeleteResource(resource_type, (identifier,))
        return CreateResource(resource_type(identifier)) if resource_type is Contact else Tick()


COMMANDS = (
    *[Chance.route] * 8,
    *[Chance.status] * 6,
    *[Chance.complete] * 5,
    *[Chance.exclusive_agent] * 2,
    *[Chance.transfer] * 4,
    *[Chance.claim] * 2,
    *[Chance.update] * 3,
    *[Chance.assign_portfolio] * 2,
    *[Chance.answer_offer] * 6,
    *[Chance.finish_wrap_up] * 2,
    Chance.write,
    Chance.hand_over,
    Chance.add_to_own_portfolio,
    Chance.remove_from_portfolio,
    Chance.assign,
    Chance.cancel,
    Chance.session,
    Chance.apply,
    Chance.create_or_delete,
)


def run_random_commands(seed, steps):
    """The encoded changes that random commands brought about; the same for the same seed."""
    chance, story = Chance(random.Random(seed).choice), Story()
    story.when(chance.configuration())
    for _ in range(steps):
        command, actor, elapsed = chance.command(story)
        try:
            story.when(command, by=actor, after=elapsed)
        except Rejected:
            continue
    return [encode_change(change) for change in story.changes]
