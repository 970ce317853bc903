/**
 * Where collectors of metrics and logs have their files: tmpnet's places, so that what avx starts tmpnetctl stops.
 *
 * They lie below `~/.tmpnet`, wherever networks are made: one collector serves the networks of all directories.
 *
 * @module
 */

import { join } from "node:path";
import { type Env, tmpnetDir } from "../disk/layout.ts";

/** A collector, by the name of its program: `prometheus` collects metrics, `promtail` logs. */
export type CollectorName = "prometheus" | "promtail";

/** The directory that a collector works in. */
export function collectorDir(name: CollectorName, env: Env): string {
  return join(tmpnetDir(env), name);
}

/** The directory whose files tell a collector of nodes. */
export function serviceDiscoveryDir(name: CollectorName, env: Env): string {
  return join(collectorDir(name, env), "file_sd_configs");
}
