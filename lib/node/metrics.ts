/**
 * A node's metrics: one registry, and a namespace for each room.
 *
 * @module
 */

import { Registry } from "prom-client";
import { MetricsNamespace } from "../core/metrics.ts";

/** What all names begin with (upstream `node/node.go`). */
const PLATFORM = "avalanche";

/** Where the rooms of a node declare their metrics. */
export interface NodeMetrics {
  readonly registry: Registry;
  /** The namespace of a room: `avalanche_<name>`. */
  namespace(name: string): MetricsNamespace;
}

/** Makes the registry of one node. */
export function createNodeMetrics(): NodeMetrics {
  const registry = new Registry();
  return { registry, namespace: (name) => new MetricsNamespace(registry, `${PLATFORM}_${name}`) };
}
