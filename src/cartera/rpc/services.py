"""Every service of the contract with its servicer."""

from collections.abc import Mapping

from google.protobuf.descriptor import ServiceDescriptor

from cartera.contract.messages import SERVICES
from cartera.engine.engine import Engine
from cartera.rpc.agents import AgentServicer
from cartera.rpc.configuration import ConfigurationServicer
from cartera.rpc.contacts import ContactServicer
from cartera.rpc.events import EventServicer
from cartera.rpc.explanations import Explanations
from cartera.rpc.interactions import Interactions
from cartera.rpc.limits import Streams
from cartera.rpc.monitor import MonitorServicer
from cartera.rpc.portfolios import PortfolioServicer
from cartera.rpc.reading import Reading
from cartera.rpc.resources import Resources
from cartera.rpc.routing import RoutingServicer


def servicers(engine: Engine, reading: Reading, streams: Streams) -> Mapping[str, object]:
    """The servicers, each by the name of its service in the contract."""
    resources = Resources(engine, reading)
    return {
        "RoutingService": RoutingServicer(engine, Interactions(reading), Explanations(engine, reading)),
        "AgentService": AgentServicer(engine, resources),
        "PortfolioService": PortfolioServicer(engine, reading, resources),
        "ContactService": ContactServicer(reading, resources),
        "ConfigurationService": ConfigurationServicer(engine, resources),
        "EventService": EventServicer(engine, reading, streams),
        "MonitorService": MonitorServicer(engine, reading, streams),
    }


def served(by_name: Mapping[str, object]) -> list[tuple[ServiceDescriptor, object]]:
    """Every service with its servicer. KeyError where one has none."""
    return [(service, by_name[service.name]) for service in SERVICES]
