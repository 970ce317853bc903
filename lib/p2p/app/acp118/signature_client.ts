/**
 * Asks validators for signatures of a warp message, and believes none of them unseen (upstream
 * `network/p2p/acp118/aggregator.go`).
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { blsVerify, parseBLSSignature } from "../../../core/staking/bls.ts";
import { AppError } from "../../routing/app_error.ts";
import { AppProtocolError } from "../app_errors.ts";
import type { AppNetwork } from "../app_network.ts";
import type { AppClient } from "../client.ts";
import { HandlerID } from "../handler_id.ts";
import { WarpError } from "./errors.ts";
import { marshalSignatureRequest, parseSignatureResponse } from "./messages.ts";

/** What came of asking one validator. */
export type SignatureOutcome =
  /** 96 bytes; it has been verified. */
  | { readonly nodeID: NodeID; readonly signature: Uint8Array; readonly error?: undefined }
  /** The validator's refusal, a time-out, or an answer that does not sign the message. */
  | {
      readonly nodeID: NodeID;
      readonly signature?: undefined;
      readonly error: AppError | AppProtocolError | WarpError;
    };

/**
 * Asks validators, and gives back only what they really signed.
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "asker",
 *   start({ avx, chainID, every, networkID, nodeID, protocols }) {
 *     const payload = avx.addressedCallPayload(new Uint8Array(), new TextEncoder().encode("so it is"));
 *     const message = avx.warpMessageBytes({ networkID, sourceChainID: chainID, payload });
 *     const client = new avx.SignatureClient(protocols);
 *     every(100, async () => {
 *       const others = [...protocols.peers].filter((peer) => peer !== nodeID);
 *       const outcomes = await client.requestAll(others, message);
 *       for (const { error, nodeID, signature } of outcomes) console.log(nodeID, signature ?? error);
 *     });
 *   },
 * } satisfies App;
 * ```
 */
export class SignatureClient {
  readonly #client: AppClient;
  readonly #publicKeyOf: (nodeID: NodeID) => Uint8Array | undefined;

  /** @param protocols On the chain whose validators are to sign. */
  constructor(protocols: AppNetwork) {
    this.#client = protocols.newClient(HandlerID.SignatureRequest, protocols.validators);
    this.#publicKeyOf = (nodeID) => protocols.validators.get(nodeID)?.publicKey;
  }

  /**
   * Asks one validator.
   *
   * @param message The unsigned message's bytes: see `warpMessageBytes`.
   * @param justification What shows that it should be signed, where the message alone does not.
   * @returns The signature, 96 bytes: the validator's, over the message.
   * @throws {AppError} Its refusal, or no answer in time.
   * @throws {WarpError} `no-public-key`, `bad-response`, `bad-signature`.
   * @throws {AppProtocolError} `closed`.
   */
  async request(nodeID: NodeID, message: Uint8Array, justification = new Uint8Array()): Promise<Uint8Array> {
    const publicKey = this.#publicKeyOf(nodeID);
    if (publicKey === undefined) {
      throw new WarpError({ code: "no-public-key", nodeID }, `${nodeID} is no validator with a BLS key`);
    }
    const response = await this.#client.request(nodeID, marshalSignatureRequest({ message, justification }));
    let signature: Uint8Array;
    try {
      signature = parseBLSSignature(parseSignatureResponse(response).slice());
    } catch (error) {
      const reason = errorMessage(error);
      throw new WarpError({ code: "bad-response", nodeID }, `${nodeID} answered with no signature: ${reason}`, {
        cause: error,
      });
    }
    if (!blsVerify(publicKey, signature, message)) {
      throw new WarpError({ code: "bad-signature", nodeID }, `the signature of ${nodeID} does not fit the message`);
    }
    return signature;
  }

  /**
   * Asks all of these nodes at once.
   *
   * @returns What came of each, in the order of asking.
   */
  async requestAll(
    nodeIDs: Iterable<NodeID>,
    message: Uint8Array,
    justification = new Uint8Array(),
  ): Promise<SignatureOutcome[]> {
    return await Promise.all(
      [...nodeIDs].map(async (nodeID): Promise<SignatureOutcome> => {
        try {
          return { nodeID, signature: await this.request(nodeID, message, justification) };
        } catch (error) {
          const isOutcome = [AppError, AppProtocolError, WarpError].some((kind) => error instanceof kind);
          if (!isOutcome) throw error;
          return { nodeID, error: error as AppError | AppProtocolError | WarpError };
        }
      }),
    );
  }
}
