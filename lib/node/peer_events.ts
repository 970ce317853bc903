/**
 * What a light node makes of its peers' coming and going.
 *
 * @module
 */

import { concatBytes } from "../core/bytes.ts";
import { errorMessage } from "../core/errors.ts";
import { type ID, ID_LENGTH, idFromBytes, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import { NODE_ID_LENGTH, type NodeID, nodeIDToBytes } from "../core/ids/node_id.ts";
import type { Logger } from "../core/log.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import type { NetworkHandler } from "../p2p/network/network.ts";

/** What is told of peers. */
export interface PeerEventsModules {
  readonly log: Logger;
  readonly validators: ValidatorManager;
  /** The nodes that the network is looked for at. */
  readonly beacons: ValidatorManager;
}

/** How peers are taken. */
export interface PeerEventsOptions {
  /** Without sybil protection every connected peer validates, with this weight; `undefined` with it. */
  readonly peerWeight: bigint | undefined;
  /** Called once, when enough of the beacons are connected at one time; at once where there are none. */
  readonly onSufficientlyConnected: () => void;
}

/**
 * How many beacons must be connected before a node has found its network: three quarters, rounded up (upstream
 * `node/node.go`, `initNetworking`).
 */
export function requiredBeacons(beacons: number): number {
  return Math.floor((3 * beacons + 3) / 4);
}

/** The transaction that stands for what made a node a validator where none did (upstream `node/node.go`). */
export function dummyTxID(nodeID: NodeID): ID {
  return idFromBytes(concatBytes(nodeIDToBytes(nodeID), new Uint8Array(ID_LENGTH - NODE_ID_LENGTH)));
}

/** Takes what a node's network tells of its peers. */
export class PeerEvents implements Omit<NetworkHandler, "handleInbound"> {
  readonly #modules: PeerEventsModules;
  readonly #options: PeerEventsOptions;
  readonly #required: number;
  #connectedBeacons = 0;
  #sufficientlyConnected = false;

  constructor(modules: PeerEventsModules, options: PeerEventsOptions) {
    this.#modules = modules;
    this.#options = options;
    this.#required = requiredBeacons(modules.beacons.numValidators(PRIMARY_NETWORK_ID));
    this.#judge();
  }

  /** Whether enough of the beacons were connected at one time. */
  get sufficientlyConnected(): boolean {
    return this.#sufficientlyConnected;
  }

  connected(nodeID: NodeID, _version: unknown, subnetID: ID): void {
    if (subnetID !== PRIMARY_NETWORK_ID) return;
    const { peerWeight: weight } = this.#options;
    if (weight !== undefined) {
      const validator = { nodeID, publicKey: undefined, txID: dummyTxID(nodeID), weight };
      this.#change("add", nodeID, (validators) => validators.addStaker(PRIMARY_NETWORK_ID, validator));
    }
    if (this.#isBeacon(nodeID)) {
      this.#connectedBeacons++;
      this.#judge();
    }
  }

  disconnected(nodeID: NodeID): void {
    const { peerWeight: weight } = this.#options;
    if (weight !== undefined) {
      this.#change("remove", nodeID, (validators) => validators.removeWeight(PRIMARY_NETWORK_ID, nodeID, weight));
    }
    if (this.#isBeacon(nodeID)) this.#connectedBeacons--;
  }

  /** A peer that cannot be counted is a peer all the same (upstream `node/insecure_validator_manager.go`). */
  #change(what: "add" | "remove", nodeID: NodeID, change: (validators: ValidatorManager) => void): void {
    const { log, validators } = this.#modules;
    try {
      change(validators);
    } catch (error) {
      log.error(`failed to ${what} validator`, { nodeID, error: errorMessage(error) });
    }
  }

  #isBeacon(nodeID: NodeID): boolean {
    return this.#modules.beacons.getValidator(PRIMARY_NETWORK_ID, nodeID) !== undefined;
  }

  #judge(): void {
    if (this.#sufficientlyConnected || this.#connectedBeacons < this.#required) return;
    this.#sufficientlyConnected = true;
    this.#options.onSufficientlyConnected();
  }
}
