/**
 * The HTTP server of one node, and what its APIs have to say.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import { isPublicIP, isUnspecifiedIP } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import type { ProofOfPossessionJSON } from "../core/staking/proof_of_possession.ts";
import { createAPI } from "./api/app.ts";
import { callMetrics } from "./api/call_metrics.ts";
import { type HTTPServer, serveHTTP } from "./api/server.ts";
import type { ChainFacts } from "./chain_facts.ts";
import { ChainNames } from "./chain_names.ts";
import type { NodeConfig } from "./config/node_config.ts";
import type { Health } from "./health/health.ts";
import { listenIP } from "./listen_host.ts";
import type { LogFactory } from "./logging/factory.ts";
import type { NodeMetrics } from "./metrics.ts";
import { createNodeInfo } from "./node_info.ts";
import type { NodeNetwork } from "./node_network.ts";
import { Profiler } from "./profiler.ts";

/** What the APIs show and change. */
export interface NodeAPIModules extends Pick<NodeNetwork, "network" | "routing" | "validators"> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly logFactory: LogFactory;
  readonly metrics: NodeMetrics;
  readonly health: Health;
  readonly nodePOP: ProofOfPossessionJSON;
  readonly chains: ChainFacts;
}

/**
 * Serves the APIs that are switched on.
 *
 * @param gitCommit What this program was built from; empty where that is not known.
 * @throws {NodeError} `listen-failed`, `unknown-host`, or `bad-key` where HTTPS cannot be served.
 */
export async function serveNodeAPI(
  config: NodeConfig,
  modules: NodeAPIModules,
  gitCommit: string,
): Promise<HTTPServer> {
  const { http } = config;
  const { clock, health, log, logFactory, metrics, network } = modules;
  const names = new ChainNames(modules.chains, config.chainAliases);
  const profiler = new Profiler(config.profiles.directory);
  const sources = {
    info: http.infoEnabled ? createNodeInfo(config, { ...modules, chains: names }, gitCommit) : undefined,
    health: http.healthEnabled ? health : undefined,
    metrics: http.metricsEnabled ? metrics.registry : undefined,
    admin: http.adminEnabled ? { loggers: logFactory, chains: names, profiler, config: config.flags } : undefined,
  };
  const served = Object.entries(sources).flatMap(([name, source]) => (source === undefined ? [] : [name]));
  const calls = callMetrics(metrics.namespace("api"), clock, served);
  const onCall = (service: string, method: string): void => {
    if (method === "getTxFee") log.warn("deprecated API called", { service, method });
    else log.debug("API called", { service, method });
  };
  const onFault = (error: unknown): void => log.error("failed to answer an API call", { error: errorMessage(error) });
  const app = createAPI(sources, { nodeID: network.myNodeID, ...http, onCall, onFault }, calls);

  const ip = await listenIP(http.host, "http-host");
  const server = await serveHTTP((request) => app.fetch(request), { ...http, address: { ip, port: http.port } });
  if (isUnspecifiedIP(ip) || isPublicIP(ip)) {
    log.warn("HTTP is served on an address that strangers may reach", { host: http.host, uri: server.uri });
  }
  return {
    ...server,
    close: async (timeoutMs) => {
      await server.close(timeoutMs);
      profiler[Symbol.dispose]();
    },
  };
}
