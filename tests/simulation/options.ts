/**
 * What a simulation is told, and its defaults.
 *
 * @module
 */

/** A simulation's wishes. Durations are virtual. */
export interface SimulationOptions {
  readonly nodes: number;
  readonly validators: number;
  /** Validators that every node is told of when it starts, and that never move. */
  readonly bootstrappers: number;
  /** The whole run hangs on it: a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** 0 to 1: how likely a packet is lost. */
  readonly loss: number;
  /** The mean of a packet's time from one node to another. */
  readonly latencyMs: number;
  /** All nodes start within this time, each at a moment drawn at random; at 0 all at once. */
  readonly startWithinMs: number;
  /** How long the whole network is left alone once, to see what it costs when nothing happens. */
  readonly quietMs: number;
  /** How long the net is parted; at 0 it is not. */
  readonly partitionMs: number;
  /** 0 to 1: the share of the nodes that the smaller part has. */
  readonly partitionShare: number;
  /** 0 to 1: the share of the nodes that go down and come back. */
  readonly restartShare: number;
  /** 0 to 1: the share of the validators that give their place to other nodes, all at one time; bootstrappers stay. */
  readonly successionShare: number;
  /** How long the network may take to become whole before it counts as broken. */
  readonly patienceMs: number;
}

/** The case: a thousand nodes, fifty validators, one packet in a hundred lost. */
export const DEFAULT_SIMULATION_OPTIONS: SimulationOptions = {
  nodes: 1_000,
  validators: 50,
  bootstrappers: 1,
  seed: 1,
  loss: 0.01,
  // Half of the round trip between Europe and the east of North America.
  latencyMs: 40,
  startWithinMs: 5_000,
  // Longer than a filter of known IPs lives (60 s).
  quietMs: 90_000,
  // Longer than the read time-out (30 s): every connection across is lost.
  partitionMs: 60_000,
  partitionShare: 0.3,
  restartShare: 0.1,
  successionShare: 0.2,
  // Several of the longest pauses between two dials (60 s).
  patienceMs: 600_000,
};
