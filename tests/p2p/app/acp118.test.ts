import { expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { blsSignerFromBytes, blsVerify, newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { SignatureClient } from "../../../lib/p2p/app/acp118/signature_client.ts";
import { signatureHandler } from "../../../lib/p2p/app/acp118/signature_handler.ts";
import {
  addressedCallPayload,
  hashPayload,
  parseWarpMessage,
  warpMessageBytes,
  warpMessageID,
} from "../../../lib/p2p/app/acp118/warp_message.ts";
import { HandlerID } from "../../../lib/p2p/app/handler_id.ts";
import type { App } from "../../../lib/p2p/app/loading/app.ts";
import { AppError } from "../../../lib/p2p/routing/app_error.ts";
import type { Staker } from "../../node/support.ts";
import { startAppNodes } from "../../support/app_nodes.ts";
import { eventually } from "../../support/eventually.ts";

/** Bytes with some values at their beginning. */
const bytes = (length: number, ...values: number[]) => Uint8Array.from({ length }, (_, i) => values[i] ?? 0);

test("payloads have the bytes that upstream's tests hold", () => {
  // Upstream vms/platformvm/warp/payload/addressed_call_test.go and hash_test.go.
  const call = addressedCallPayload(bytes(16, 1, 2, 3), bytes(3, 10, 11, 12));
  expect(Buffer.from(call).toString("base64")).toBe("AAAAAAABAAAAEAECAwAAAAAAAAAAAAAAAAAAAAADCgsM");
  const hash = hashPayload(idFromBytes(bytes(32, 4, 5, 6)));
  expect(Buffer.from(hash).toString("base64")).toBe("AAAAAAAABAUGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
});

test("a message is read as it was written, and nothing else is one", () => {
  const message = { networkID: 88_888, sourceChainID: idFromBytes(bytes(32, 9)), payload: bytes(3, 1, 2, 3) };
  const written = warpMessageBytes(message);
  expect(toHex(written)).toBe(`0000${"00015b38"}09${"00".repeat(31)}00000003010203`);
  expect(parseWarpMessage(written)).toEqual(message);
  expect(warpMessageID(written)).not.toBe(PRIMARY_NETWORK_ID);
  expect(() => parseWarpMessage(written.subarray(1))).toThrow();
  expect(() => parseWarpMessage(written.subarray(0, -1))).toThrow("insufficient length");
  expect(() => parseWarpMessage(bytes(5))).toThrow("insufficient length");
  expect(() => parseWarpMessage(Uint8Array.of(...written, 0))).toThrow("trailing buffer space");
  expect(() => parseWarpMessage(Uint8Array.of(0, 1, ...written.subarray(2)))).toThrow("unknown codec version");
});

const PAYLOAD = bytes(2, 7, 7);

/** Signs for what it is told to, with a key. */
function signing(signer: { sign(message: Uint8Array): Uint8Array }): App {
  return {
    name: "signing",
    start: ({ avx, protocols }) => {
      const verify = ({ payload }: { readonly payload: Uint8Array }) => {
        if (avx.toHex(payload) !== avx.toHex(PAYLOAD)) throw new avx.AppError(9, "I do not sign that");
      };
      protocols.addHandler(avx.HandlerID.SignatureRequest, signatureHandler({ signer, verify }));
    },
  };
}

/** The key that a staker is known by. */
function keyOf({ flags }: Staker) {
  return blsSignerFromBytes(Buffer.from(flags["staking-signer-key-file-content"] ?? "", "base64"));
}

test("signatures are verified with the validators' keys; refusals and lies are told apart", async () => {
  const liar = newBLSSigner();
  const apps = (index: number, staker: Staker) => {
    if (index === 1) return [signing(keyOf(staker))];
    return [signing(index === 2 ? liar : { sign: () => bytes(96, 1) })];
  };
  await using net = await startAppNodes(4, apps);
  const [asker, ...others] = net.nodes;
  const context = asker?.apps.get("signing")?.context;
  if (context === undefined) throw new Error("no app");
  const { chainID, networkID, protocols } = context;
  await eventually("all are there", () => protocols.validators.size === 4);
  const client = new SignatureClient(protocols);
  const nodeIDs = others.map(({ nodeID }) => nodeID);
  const message = warpMessageBytes({ networkID, sourceChainID: chainID, payload: PAYLOAD });

  const ended = await client.requestAll(nodeIDs, message);
  expect(ended.map(({ error }) => error?.type.code)).toEqual([undefined, "bad-signature", "bad-response"]);
  const key = protocols.validators.get(nodeIDs[0] as NodeID)?.publicKey as Uint8Array;
  expect(blsVerify(key, ended[0]?.signature as Uint8Array, message)).toBe(true);

  const other = warpMessageBytes({ networkID, sourceChainID: chainID, payload: bytes(1) });
  for (const { error } of await client.requestAll(nodeIDs, other)) {
    expect(error).toBeInstanceOf(AppError);
    expect(error?.message).toBe("I do not sign that");
  }
  const strange = nodeIDFromBytes(bytes(20, 1));
  expect((await client.requestAll([strange], message))[0]?.error?.type.code).toBe("no-public-key");

  const raw = protocols.newClient(HandlerID.SignatureRequest);
  const asked = (request: Uint8Array) => raw.request(nodeIDs[0] as NodeID, request);
  await expect(asked(bytes(4, 255))).rejects.toThrow("failed to parse request");
  await expect(asked(new Uint8Array())).rejects.toThrow("failed to parse warp unsigned message");
});
