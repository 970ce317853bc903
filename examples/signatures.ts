/**
 * Asks the validators of a network of avalanchego to sign, by ACP-118, that a block of the C-Chain is accepted, and
 * verifies what they answer. A block that there is not is refused, and each refusal is shown.
 *
 *     BLOCK_HASH=0x… avx node run --app examples/signatures.ts --network-id … --bootstrap-ips … --bootstrap-ids …
 *
 * Each validator's signature or refusal is in the node's log, and in its health, at `/ext/health`, under `apps`.
 */

import type { App } from "../mod.ts";

const ASK_EVERY_MS = 500;
const NO_BLOCK = `0x${"00".repeat(32)}`;

export default {
  name: "signatures",
  // The handlers that sign are avalanchego's own, on its own chain.
  chain: "C",

  start({ avx, chainID, every, log, networkID, protocols }) {
    const blockHash = process.env["BLOCK_HASH"] ?? NO_BLOCK;
    const block = avx.fromHex(blockHash);
    if (block?.length !== 32) throw new Error(`BLOCK_HASH is no hash of 32 bytes: ${blockHash}`);
    const payload = avx.hashPayload(avx.idFromBytes(block));
    const message = avx.warpMessageBytes({ networkID, sourceChainID: chainID, payload });
    const client = new avx.SignatureClient(protocols);
    const outcomes: Record<string, string> = {};

    every(ASK_EVERY_MS, async () => {
      const unasked = protocols.validators.sample(100).filter((nodeID) => outcomes[nodeID] === undefined);
      for (const { error, nodeID, signature } of await client.requestAll(unasked, message)) {
        outcomes[nodeID] = error === undefined ? `signed: 0x${avx.toHex(signature)}` : `refused: ${error.message}`;
        log.info("asked for a signature", { nodeID, outcome: outcomes[nodeID] });
      }
    });

    return { health: () => ({ message: avx.warpMessageID(message), outcomes: { ...outcomes } }) };
  },
} satisfies App;
