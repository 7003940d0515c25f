/** The contract by name: its services, and every message that is reached from them. */

import { createRegistry, type DescFile, type DescMethod, type DescService } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "@cartera/client/google/rpc/error_details";
import { AgentService } from "@cartera/client/routing/v1/agent_service";
import { ConfigurationService } from "@cartera/client/routing/v1/configuration_service";
import { ContactService } from "@cartera/client/routing/v1/contact_service";
import { EventService } from "@cartera/client/routing/v1/event_service";
import { MonitorService } from "@cartera/client/routing/v1/monitor_service";
import { PortfolioService } from "@cartera/client/routing/v1/portfolio_service";
import { RoutingService } from "@cartera/client/routing/v1/routing_service";

const SERVICES: readonly DescService[] = [
  AgentService,
  ConfigurationService,
  ContactService,
  EventService,
  MonitorService,
  PortfolioService,
  RoutingService,
];

/** All messages of the contract, and the details of errors. */
export const registry = createRegistry(
  ...withDependencies([...SERVICES.map(({ file }) => file), file_google_rpc_error_details]),
);

/** A method as a case names it: `RoutingService/RouteInteraction`. */
export function methodNamed(name: string): DescMethod {
  const service = SERVICES.find((each) => name.startsWith(`${each.name}/`));
  const method = service?.methods.find((each) => name === `${each.parent.name}/${each.name}`);
  if (method === undefined) {
    throw new Error(`there is no method ${name}`);
  }
  return method;
}

/** The path of a method, which need not be there: its service is one of the contract's where its name has no dot. */
export function pathNamed(name: string): string {
  return name.includes(".") ? `/${name}` : `/cartera.routing.v1.${name}`;
}

function withDependencies(files: readonly DescFile[]): DescFile[] {
  return files.flatMap((file) => [...withDependencies(file.dependencies), file]);
}
