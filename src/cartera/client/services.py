"""The services of the contract. Each RPC stands here once; a test compares them with the descriptors."""

from cartera.client.calls import AsyncService, Call, Service
from cartera.routing.v1 import agent_service_pb2 as agent
from cartera.routing.v1 import configuration_service_pb2 as settings
from cartera.routing.v1 import contact_service_pb2 as contact
from cartera.routing.v1 import event_service_pb2 as event
from cartera.routing.v1 import monitor_service_pb2 as monitor
from cartera.routing.v1 import portfolio_service_pb2 as portfolio
from cartera.routing.v1 import routing_service_pb2 as routing
from cartera.routing.v1.agent_service_pb2_grpc import AgentServiceStub
from cartera.routing.v1.configuration_service_pb2_grpc import ConfigurationServiceStub
from cartera.routing.v1.contact_service_pb2_grpc import ContactServiceStub
from cartera.routing.v1.event_service_pb2_grpc import EventServiceStub
from cartera.routing.v1.monitor_service_pb2_grpc import MonitorServiceStub
from cartera.routing.v1.portfolio_service_pb2_grpc import PortfolioServiceStub
from cartera.routing.v1.routing_service_pb2_grpc import RoutingServiceStub


class RoutingCalls:
    NAME = "cartera.routing.v1.RoutingService"
    STUB = RoutingServiceStub
    RouteInteraction = Call(routing.RouteInteractionRequest, routing.RouteInteractionResponse)
    Transfer = Call(routing.TransferRequest, routing.TransferResponse)
    AcceptOffer = Call(routing.AcceptOfferRequest, routing.AcceptOfferResponse)
    RejectOffer = Call(routing.RejectOfferRequest, routing.RejectOfferResponse)
    ClaimInteraction = Call(routing.ClaimInteractionRequest, routing.ClaimInteractionResponse)
    AssignInteraction = Call(routing.AssignInteractionRequest, routing.AssignInteractionResponse)
    CompleteInteraction = Call(routing.CompleteInteractionRequest, routing.CompleteInteractionResponse)
    FinishWrapUp = Call(routing.FinishWrapUpRequest, routing.FinishWrapUpResponse)
    CancelInteraction = Call(routing.CancelInteractionRequest, routing.CancelInteractionResponse)
    WriteNote = Call(routing.WriteNoteRequest, routing.WriteNoteResponse)
    ReportDelivery = Call(routing.ReportDeliveryRequest, routing.ReportDeliveryResponse)
    GetInteraction = Call(routing.GetInteractionRequest, routing.GetInteractionResponse)
    ListInteractions = Call(routing.ListInteractionsRequest, routing.ListInteractionsResponse)
    ExplainInteraction = Call(routing.ExplainInteractionRequest, routing.ExplainInteractionResponse)


class RoutingService(RoutingCalls, Service):
    """RoutingService for a synchronous client."""


class AsyncRoutingService(RoutingCalls, AsyncService):
    """RoutingService for an asynchronous client."""


class AgentCalls:
    NAME = "cartera.routing.v1.AgentService"
    STUB = AgentServiceStub
    SetAgentStatus = Call(agent.SetAgentStatusRequest, agent.SetAgentStatusResponse)
    ExtendSession = Call(agent.ExtendSessionRequest, agent.ExtendSessionResponse)
    CreateAgent = Call(agent.CreateAgentRequest, agent.CreateAgentResponse)
    UpdateAgent = Call(agent.UpdateAgentRequest, agent.UpdateAgentResponse)
    DeleteAgent = Call(agent.DeleteAgentRequest, agent.DeleteAgentResponse)
    GetAgent = Call(agent.GetAgentRequest, agent.GetAgentResponse)
    ListAgents = Call(agent.ListAgentsRequest, agent.ListAgentsResponse)


class AgentService(AgentCalls, Service):
    """AgentService for a synchronous client."""


class AsyncAgentService(AgentCalls, AsyncService):
    """AgentService for an asynchronous client."""


class PortfolioCalls:
    NAME = "cartera.routing.v1.PortfolioService"
    STUB = PortfolioServiceStub
    AssignPortfolio = Call(portfolio.AssignPortfolioRequest, portfolio.AssignPortfolioResponse)
    AddToOwnPortfolio = Call(portfolio.AddToOwnPortfolioRequest, portfolio.AddToOwnPortfolioResponse)
    RemoveFromPortfolio = Call(portfolio.RemoveFromPortfolioRequest, portfolio.RemoveFromPortfolioResponse)
    HandOverPortfolios = Call(portfolio.HandOverPortfoliosRequest, portfolio.HandOverPortfoliosResponse)
    ListOwnershipChanges = Call(portfolio.ListOwnershipChangesRequest, portfolio.ListOwnershipChangesResponse)
    ListPortfolioReports = Call(portfolio.ListPortfolioReportsRequest, portfolio.ListPortfolioReportsResponse)
    ListAgentReports = Call(portfolio.ListAgentReportsRequest, portfolio.ListAgentReportsResponse)
    ListPortfolioContacts = Call(portfolio.ListPortfolioContactsRequest, portfolio.ListPortfolioContactsResponse)
    SetExclusiveAgent = Call(portfolio.SetExclusiveAgentRequest, portfolio.SetExclusiveAgentResponse)
    RemoveExclusiveAgent = Call(portfolio.RemoveExclusiveAgentRequest, portfolio.RemoveExclusiveAgentResponse)
    CreatePortfolio = Call(portfolio.CreatePortfolioRequest, portfolio.CreatePortfolioResponse)
    UpdatePortfolio = Call(portfolio.UpdatePortfolioRequest, portfolio.UpdatePortfolioResponse)
    DeletePortfolio = Call(portfolio.DeletePortfolioRequest, portfolio.DeletePortfolioResponse)
    GetPortfolio = Call(portfolio.GetPortfolioRequest, portfolio.GetPortfolioResponse)
    ListPortfolios = Call(portfolio.ListPortfoliosRequest, portfolio.ListPortfoliosResponse)


class PortfolioService(PortfolioCalls, Service):
    """PortfolioService for a synchronous client."""


class AsyncPortfolioService(PortfolioCalls, AsyncService):
    """PortfolioService for an asynchronous client."""


class ContactCalls:
    NAME = "cartera.routing.v1.ContactService"
    STUB = ContactServiceStub
    CreateContact = Call(contact.CreateContactRequest, contact.CreateContactResponse)
    UpdateContact = Call(contact.UpdateContactRequest, contact.UpdateContactResponse)
    DeleteContact = Call(contact.DeleteContactRequest, contact.DeleteContactResponse)
    GetContact = Call(contact.GetContactRequest, contact.GetContactResponse)
    GetContactHistory = Call(contact.GetContactHistoryRequest, contact.GetContactHistoryResponse)
    ListContacts = Call(contact.ListContactsRequest, contact.ListContactsResponse)


class ContactService(ContactCalls, Service):
    """ContactService for a synchronous client."""


class AsyncContactService(ContactCalls, AsyncService):
    """ContactService for an asynchronous client."""


class ConfigurationCalls:
    NAME = "cartera.routing.v1.ConfigurationService"
    STUB = ConfigurationServiceStub
    CreateTenant = Call(settings.CreateTenantRequest, settings.CreateTenantResponse)
    UpdateTenant = Call(settings.UpdateTenantRequest, settings.UpdateTenantResponse)
    GetTenant = Call(settings.GetTenantRequest, settings.GetTenantResponse)
    ApplyConfiguration = Call(settings.ApplyConfigurationRequest, settings.ApplyConfigurationResponse)
    CreateWorkgroup = Call(settings.CreateWorkgroupRequest, settings.CreateWorkgroupResponse)
    UpdateWorkgroup = Call(settings.UpdateWorkgroupRequest, settings.UpdateWorkgroupResponse)
    DeleteWorkgroup = Call(settings.DeleteWorkgroupRequest, settings.DeleteWorkgroupResponse)
    GetWorkgroup = Call(settings.GetWorkgroupRequest, settings.GetWorkgroupResponse)
    ListWorkgroups = Call(settings.ListWorkgroupsRequest, settings.ListWorkgroupsResponse)
    CreateCampaign = Call(settings.CreateCampaignRequest, settings.CreateCampaignResponse)
    UpdateCampaign = Call(settings.UpdateCampaignRequest, settings.UpdateCampaignResponse)
    DeleteCampaign = Call(settings.DeleteCampaignRequest, settings.DeleteCampaignResponse)
    GetCampaign = Call(settings.GetCampaignRequest, settings.GetCampaignResponse)
    ListCampaigns = Call(settings.ListCampaignsRequest, settings.ListCampaignsResponse)
    CreateTrigger = Call(settings.CreateTriggerRequest, settings.CreateTriggerResponse)
    UpdateTrigger = Call(settings.UpdateTriggerRequest, settings.UpdateTriggerResponse)
    DeleteTrigger = Call(settings.DeleteTriggerRequest, settings.DeleteTriggerResponse)
    GetTrigger = Call(settings.GetTriggerRequest, settings.GetTriggerResponse)
    ListTriggers = Call(settings.ListTriggersRequest, settings.ListTriggersResponse)
    CreateOrganization = Call(settings.CreateOrganizationRequest, settings.CreateOrganizationResponse)
    UpdateOrganization = Call(settings.UpdateOrganizationRequest, settings.UpdateOrganizationResponse)
    DeleteOrganization = Call(settings.DeleteOrganizationRequest, settings.DeleteOrganizationResponse)
    GetOrganization = Call(settings.GetOrganizationRequest, settings.GetOrganizationResponse)
    ListOrganizations = Call(settings.ListOrganizationsRequest, settings.ListOrganizationsResponse)
    CreateScript = Call(settings.CreateScriptRequest, settings.CreateScriptResponse)
    UpdateScript = Call(settings.UpdateScriptRequest, settings.UpdateScriptResponse)
    DeleteScript = Call(settings.DeleteScriptRequest, settings.DeleteScriptResponse)
    GetScript = Call(settings.GetScriptRequest, settings.GetScriptResponse)
    ListScripts = Call(settings.ListScriptsRequest, settings.ListScriptsResponse)


class ConfigurationService(ConfigurationCalls, Service):
    """ConfigurationService for a synchronous client."""


class AsyncConfigurationService(ConfigurationCalls, AsyncService):
    """ConfigurationService for an asynchronous client."""


class EventCalls:
    NAME = "cartera.routing.v1.EventService"
    STUB = EventServiceStub
    ListAudit = Call(event.ListAuditRequest, event.ListAuditResponse)


class EventService(EventCalls, Service):
    """EventService for a synchronous client, but for the feed, which `watch` follows."""


class AsyncEventService(EventCalls, AsyncService):
    """EventService for an asynchronous client, but for the feed, which `watch` follows."""


class MonitorCalls:
    NAME = "cartera.routing.v1.MonitorService"
    STUB = MonitorServiceStub
    GetMonitor = Call(monitor.GetMonitorRequest, monitor.GetMonitorResponse)


class MonitorService(MonitorCalls, Service):
    """MonitorService for a synchronous client."""


class AsyncMonitorService(MonitorCalls, AsyncService):
    """MonitorService for an asynchronous client."""
