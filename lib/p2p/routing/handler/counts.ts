/**
 * What a chain's handler counts.
 *
 * @module
 */

import { OpCounts } from "../op_counts.ts";

export class ChainMessageCounts {
  /** Handled. */
  readonly messages = new OpCounts();
  /** How long that took, milliseconds. */
  readonly handlingTimeMs = new OpCounts();
  /** Dropped because nobody waited for the answer any more. */
  readonly expired = new OpCounts();
  /** Handled by nobody: the engine has no part for them. */
  readonly unhandled = new OpCounts();
}
