/**
 * What a node gives when its process, its API and its peers are asked apart.
 *
 * @module
 */

import type { NodeID } from "../core/ids/node_id.ts";
import type { NodeState } from "./runtime/contract.ts";

/** What a node's API says. */
export type APIStatus =
  /** It was not asked: there is no process. */
  | { readonly answers: false }
  /** It was asked and gave no answer. */
  | { readonly answers: false; readonly error: string }
  | {
      readonly answers: true;
      readonly healthy: boolean;
      /** Checks that fail. `since` is RFC 3339, where the node says it. */
      readonly failing: readonly { readonly check: string; readonly error: string; readonly since?: string }[];
    };

/** Whom a node is connected to, as it says itself. */
export type PeersStatus =
  | { readonly known: false; readonly error?: string }
  | {
      readonly known: true;
      /** All its peers, also such as are not of this network's directory. */
      readonly connected: number;
      /** Nodes of this network that run and that it is not connected to. */
      readonly missing: readonly NodeID[];
    };

/** What is found when a node is looked at and asked. */
export interface NodeAnswers {
  readonly nodeID: NodeID;
  readonly dataDir: string;
  readonly isEphemeral: boolean;
  readonly process: NodeState;
  /**
   * About when a node that does not run ended, in milliseconds since 1970-01-01 UTC: the last that it wrote to its logs
   * or its database. Absent where it runs, and where it never did.
   */
  readonly endedAt?: number;
  readonly api: APIStatus;
  readonly peers: PeersStatus;
}
