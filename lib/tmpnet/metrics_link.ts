/**
 * The link to a network's metrics in Grafana.
 *
 * Source: upstream `tests/fixture/tmpnet/network.go` `NewGrafanaURI`.
 *
 * @module
 */

import { DEFAULT_GRAFANA_URI } from "./defaults.ts";
import type { Env } from "./disk/layout.ts";

/**
 * A link that shows one network from a moment until now.
 *
 * @param uuid The network's.
 * @param fromMs Milliseconds since 1970-01-01 UTC.
 * @param env `GRAFANA_URI` names another dashboard.
 */
export function metricsLink(uuid: string, fromMs: number, env: Env): string {
  const filter = (name: string, value: string) => `&var-filter=${name}%7C%3D%7C${value}`;
  const filters = filter("network_uuid", uuid) + filter("is_ephemeral_node", "false");
  return `${env["GRAFANA_URI"] || DEFAULT_GRAFANA_URI}?${filters}&from=${Math.floor(fromMs)}&to=now`;
}
