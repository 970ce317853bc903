/**
 * What the messages hold that a node sends to itself.
 *
 * @module
 */

import type { Application } from "../../core/version/application.ts";
import type { EngineType } from "./gen/p2p_pb.ts";

/** No answer came to a request. */
export interface RequestFailedMessage {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly requestId: number;
}

/** No answer came to GetAncestors. */
export interface AncestorsFailedMessage extends RequestFailedMessage {
  readonly engineType: EngineType;
}

/** A peer finished its handshake. */
export interface ConnectedMessage {
  readonly nodeVersion: Application;
}

/** A virtual machine has something to say to its engine. */
export interface NotifyMessage {
  readonly notification: number;
}

/** All is said by the operation. */
export type EmptyMessage = Readonly<Record<never, never>>;
