/**
 * Checks BLS keys without holding up the node.
 *
 * @module
 */

import { bytesEqual } from "../../core/bytes.ts";
import type { ID } from "../../core/ids/id.ts";
import { parseBLSPublicKey } from "../../core/staking/bls.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { CurrentValidator } from "../../platform/current_validators.ts";
import { ValidatorSourceError } from "./errors.ts";

/** How long keys are checked at a stretch, milliseconds: a peer's message waits no longer than that. */
const STRETCH_MS = 5;

/**
 * Checks the keys that the manager does not know yet.
 *
 * A check takes 0.1 ms with the native library and milliseconds without, and the Primary Network has a thousand
 * validators: between stretches others have their turn.
 *
 * @throws {ValidatorSourceError} `bls-key` for the first that is none.
 */
export async function checkNewKeys(
  manager: ValidatorManager,
  subnetID: ID,
  validators: Iterable<CurrentValidator>,
): Promise<void> {
  let stretchEnds = performance.now() + STRETCH_MS;
  for (const { nodeID, publicKey } of validators) {
    if (publicKey === undefined) continue;
    const known = manager.getValidator(subnetID, nodeID)?.publicKey;
    if (known !== undefined && bytesEqual(known, publicKey)) continue;
    try {
      parseBLSPublicKey(publicKey);
    } catch (error) {
      const message = `The BLS key of the validator ${nodeID} is none`;
      throw new ValidatorSourceError({ code: "bls-key", subnetID, nodeID }, message, { cause: error });
    }
    if (performance.now() < stretchEnds) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    stretchEnds = performance.now() + STRETCH_MS;
  }
}
