/**
 * What a simulated network goes through: it starts, is left alone, is parted and healed, loses nodes and gets them back,
 * changes its validators, and ends.
 *
 * @module
 */

import { findFaults, findFaultsAtEnd } from "./faults.ts";
import type { SimulatedNode } from "./node.ts";
import { Meter, type Report } from "./report.ts";
import type { Simulation } from "./simulation.ts";

/** Nodes that restart go down within this time, each at a moment drawn at random. Milliseconds. */
const RESTART_WITHIN_MS = 10_000;
/** How long a node is down, drawn at random. Milliseconds. */
const MIN_DOWN_MS = 1_000;
const MAX_DOWN_MS = 30_000;
/** What still believes in a connection that is gone notices within the read time-out (30 s). Milliseconds. */
const SETTLE_MS = 60_000;

/** Runs a simulation from its start to its end, and measures. */
export async function runScenario(simulation: Simulation): Promise<Report> {
  const meter = new Meter(simulation);
  const { nodes, options, world } = simulation;

  for (const node of nodes) {
    // Who is to be found by all is there from the beginning.
    const at = world.bootstrappers.includes(node) ? 0 : simulation.random.float() * options.startWithinMs;
    simulation.after(at, () => node.start(world));
  }
  await simulation.run(options.startWithinMs);
  await meter.untilWhole("discovery", 0);

  if (options.quietMs > 0) await meter.during("quiet", () => simulation.run(options.quietMs));
  if (options.partitionMs > 0) await partition(simulation, meter);
  if (options.restartShare > 0) await restarts(simulation, meter);
  if (simulation.successions > 0) await succession(simulation, meter);

  await simulation.run(SETTLE_MS);
  const faults = findFaults(simulation);
  await simulation.stopAll();
  return meter.report([...faults, ...findFaultsAtEnd(simulation)]);
}

async function partition(simulation: Simulation, meter: Meter): Promise<void> {
  const { nodes, options, world } = simulation;
  const smaller = simulation.draw(Math.floor(nodes.length * options.partitionShare), nodes);
  world.log.say("net", "parts", { nodes: smaller.length });
  world.link.part(new Map(smaller.map(({ address }) => [address.ip, 1])));
  await meter.during("partition", () => simulation.run(options.partitionMs));
  world.log.say("net", "heals");
  world.link.heal();
  await meter.untilWhole("healing", simulation.now);
}

async function succession(simulation: Simulation, meter: Meter): Promise<void> {
  const { nodes, options, successions, world } = simulation;
  world.log.say("net", "changes validators", { count: successions });
  for (const node of nodes.slice(options.validators - successions, options.validators))
    simulation.removeValidator(node);
  for (const node of nodes.slice(options.validators, options.validators + successions)) simulation.addValidator(node);
  await meter.untilWhole("succession", simulation.now);
}

async function restarts(simulation: Simulation, meter: Meter): Promise<void> {
  const { nodes, options, random, world } = simulation;
  const chosen = simulation.draw(Math.ceil(nodes.length * options.restartShare), nodes);
  let lastBackAt = 0;
  for (const node of chosen) {
    const downAt = random.float() * RESTART_WITHIN_MS;
    const backAt = downAt + MIN_DOWN_MS + random.float() * (MAX_DOWN_MS - MIN_DOWN_MS);
    const isCrash = random.float() < 0.5;
    const moves = random.float() < 0.5 && !world.bootstrappers.includes(node);
    simulation.after(downAt, () => (isCrash ? node.crash(world) : node.stop(world)));
    simulation.after(backAt, () => comeBack(node, moves, simulation));
    lastBackAt = Math.max(lastBackAt, simulation.now + backAt);
  }
  await meter.during("restarts", () => simulation.run(lastBackAt - simulation.now));
  await meter.untilWhole("return", lastBackAt);
}

function comeBack(node: SimulatedNode, moves: boolean, { world }: Simulation): Promise<void> {
  if (moves) node.move();
  return node.start(world);
}
