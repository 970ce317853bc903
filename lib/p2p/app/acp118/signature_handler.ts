/**
 * Signs warp messages that are found good (upstream `network/p2p/acp118/handler.go`).
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import type { BLSSigner } from "../../../core/staking/bls.ts";
import { AppError } from "../../routing/app_error.ts";
import { APP_ERROR_UNEXPECTED } from "../app_errors.ts";
import type { ProtocolHandler } from "../handler.ts";
import { marshalSignatureResponse, parseSignatureRequest, type SignatureRequest } from "./messages.ts";
import { parseWarpMessage, type UnsignedWarpMessage } from "./warp_message.ts";

/**
 * Decides about a message. It must look at the network and the chain that the message names, too.
 *
 * @throws {AppError} To refuse.
 */
export type VerifyWarpMessage = (message: UnsignedWarpMessage, justification: Uint8Array) => void | Promise<void>;

/**
 * The handler of signature requests.
 *
 *
 * @example
 * ```ts
 * const signer = newBLSSigner();
 * const handler = signatureHandler({
 *   signer,
 *   verify: ({ networkID }) => {
 *     if (networkID !== 12345) throw new AppError(1, "of another network");
 *   },
 * });
 * ```
 */
export function signatureHandler(modules: {
  readonly signer: Pick<BLSSigner, "sign">;
  readonly verify: VerifyWarpMessage;
}): ProtocolHandler {
  const { signer, verify } = modules;
  return {
    async appRequest(_nodeID, bytes): Promise<Uint8Array> {
      const request = parsed("request", () => parseSignatureRequest(bytes));
      const { justification, message }: SignatureRequest = request;
      const unsigned = parsed("warp unsigned message", () => parseWarpMessage(message));
      await verify(unsigned, justification);
      return marshalSignatureResponse(signer.sign(message));
    },
  };
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new AppError(APP_ERROR_UNEXPECTED.code, `failed to parse ${what}: ${errorMessage(error)}`);
  }
}
