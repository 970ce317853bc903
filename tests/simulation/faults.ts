/**
 * What must hold in a network that is whole and has had time to settle.
 *
 * @module
 */

import { addrPortsEqual, formatAddrPort } from "../../lib/core/ip.ts";
import type { SimulatedNode } from "./node.ts";
import type { Simulation } from "./simulation.ts";

/** What a node says only when something is wrong with itself or with a peer; all are honest here. */
const NEVER_SAID = [
  "malformed message",
  "failed to parse message",
  "failed to handle message",
  "node already waiting on message",
  "message of a node that was not added",
  "bandwidth of a node is throttled already",
  "bandwidth of a node was not throttled",
  "disconnecting from peer",
];

/** Each fault as a sentence; many of one kind are counted. */
export function findFaults(simulation: Simulation): string[] {
  const { acquaintances, log } = simulation.world;
  const faults: string[] = [...log.alarms];
  if (acquaintances.wholeSince === undefined) faults.push(`${acquaintances.missing} pairs have not found each other`);
  for (const [event, count] of Object.entries(log.counts)) {
    const said = NEVER_SAID.find((text) => event === text || event.startsWith(`${text}: `));
    if (said !== undefined) faults.push(`"${event}" was said ${count} times`);
  }
  for (const { find, tell } of CHECKS) {
    const found = simulation.nodes.flatMap((node) => find(node, simulation) ?? []);
    if (found.length > 0) faults.push(`${found.length} nodes ${tell}: ${found.slice(0, 3).join("; ")}`);
  }
  return faults;
}

interface Check {
  readonly tell: string;
  /** What is wrong with a node, if anything is. */
  find(node: SimulatedNode, simulation: Simulation): string | undefined;
}

const CHECKS: readonly Check[] = [
  {
    tell: "still keep addresses to be dialled",
    find: ({ name, running }) =>
      running === undefined || running.network.trackedAddresses === 0
        ? undefined
        : `${name} keeps ${running.network.trackedAddresses}`,
  },
  {
    tell: "have dials or accepted connections that wait",
    find: ({ name, running }) => {
      const waiting = running?.held().waiting ?? 0;
      return waiting === 0 ? undefined : `${name} has ${waiting}`;
    },
  },
  {
    tell: "have connections that are no peers",
    find: ({ index, name, running }, { world }) => {
      if (running === undefined) return undefined;
      const peers = world.acquaintances.connections(index);
      const { connections } = running.transport;
      return peers === connections ? undefined : `${name} has ${connections} connections and ${peers} peers`;
    },
  },
  {
    tell: "believe in peers that do not believe in them",
    find: ({ index, name }, { world }) => {
      const oneSided = world.acquaintances.oneSided(index);
      return oneSided === 0 ? undefined : `${name} believes in ${oneSided}`;
    },
  },
  {
    tell: "want a node that is no validator",
    find: ({ name, nodeID: own, running }, { nodes, world }) => {
      const unwanted = nodes.find(
        (other) =>
          !other.isValidator &&
          !world.bootstrappers.includes(other) &&
          other.nodeID !== own &&
          running?.network.ipTracker.wantsConnection(other.nodeID),
      );
      return unwanted === undefined ? undefined : `${name} wants ${unwanted.name}`;
    },
  },
  {
    tell: "know an old address of a validator",
    find: ({ name, running }, { nodes }) => {
      const stale = nodes.find(({ address, isValidator, nodeID, running: isUp }) => {
        const known = running?.network.ipTracker.wantedIP(nodeID)?.addrPort;
        return isValidator && isUp !== undefined && known !== undefined && !addrPortsEqual(known, address);
      });
      return stale === undefined
        ? undefined
        : `${name} looks for ${stale.name} not at ${formatAddrPort(stale.address)}`;
    },
  },
  {
    tell: "hold room for messages although none is under way",
    find: ({ name, running }) => {
      const bytes = running?.held().bytes ?? 0;
      return bytes === 0 ? undefined : `${name} holds ${bytes} bytes`;
    },
  },
  {
    tell: "count the bandwidth of others than their peers",
    find: ({ name, running }) => {
      const counted = running?.held().nodes;
      const connections = running?.transport.connections;
      return counted === connections ? undefined : `${name} counts ${counted} and has ${connections} connections`;
    },
  },
];

/** What must hold when all nodes have stopped and the last packet has arrived. */
export function findFaultsAtEnd({ nodes, world }: Simulation): string[] {
  const { pendingTimers } = world.clock;
  const faults = pendingTimers === 0 ? [] : [`${pendingTimers} timers are left when all nodes have stopped`];
  const holding = nodes.filter(({ heldAfterEnd }) => heldAfterEnd.length > 0);
  if (holding.length > 0) faults.push(`the throttlers of ${holding.length} nodes hold something after their end`);
  return faults;
}
