/**
 * The address that a node tells its peers, as its configuration says: given, asked for, or guessed.
 *
 * @module
 */

import { isPublicIP } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import type { NodeConfig } from "./config/node_config.ts";
import { askPublicIP, guessPublicIP, type PublicIPSources } from "./public_ip.ts";
import { PUBLIC_IP_UPDATE_TIMEOUT_MS, PublicIPUpdater, type PublicIPUpdaterModules } from "./public_ip_updater.ts";

/** The address to begin with. */
export async function findPublicIP(
  config: NodeConfig,
  stakingIP: string,
  log: Logger,
  sources: PublicIPSources | undefined,
): Promise<string> {
  const { ip, service } = config.network.publicIP;
  const found = ip ?? (service === undefined ? guessPublicIP(stakingIP) : await askPublicIP(service, sources));
  if (isProductionNetwork(config.networkID) && !isPublicIP(found)) {
    log.warn("the address that peers are told is private: strangers cannot dial this node", { ip: found });
  }
  return found;
}

/** Asks for the public IP again from time to time, where a service is asked. */
export function keepPublicIP(
  config: NodeConfig,
  modules: Omit<PublicIPUpdaterModules, "ask">,
  sources: PublicIPSources | undefined,
): PublicIPUpdater | undefined {
  const { service, frequencyMs } = config.network.publicIP;
  if (service === undefined) return undefined;
  const timeoutMs = PUBLIC_IP_UPDATE_TIMEOUT_MS;
  const ask = (signal: AbortSignal) => askPublicIP(service, sources, { signal, timeoutMs });
  return new PublicIPUpdater({ ...modules, ask }, frequencyMs);
}
