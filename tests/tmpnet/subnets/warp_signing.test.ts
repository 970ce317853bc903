/** Who signs for a subnet, and how long an epoch is waited for, against a P-Chain API that tells what a test wants. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { blsSignerFromBytes, blsVerify, newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { addressedCallPayload, warpMessageBytes } from "../../../lib/p2p/app/acp118/warp_message.ts";
import type { PChainWallet } from "../../../lib/platform/wallet/wallet.ts";
import { parseSignedWarpMessage } from "../../../lib/platform/wallet/warp_message.ts";
import type { SubnetError } from "../../../lib/tmpnet/subnets/errors.ts";
import type { SubnetHost } from "../../../lib/tmpnet/subnets/host.ts";
import { signWithOwnKeys } from "../../../lib/tmpnet/subnets/warp_signing.ts";

const CHAIN_ID = idFromBytes(new Uint8Array(32).fill(1));
const SUBNET_ID = idFromBytes(new Uint8Array(32).fill(2));
const own = Array.from({ length: 2 }, () => newBLSSigner());
const [one] = own as [ReturnType<typeof newBLSSigner>];
const stranger = newBLSSigner();

interface Validators {
  readonly keys: readonly { readonly publicKey: Uint8Array }[];
  readonly weight: bigint;
  readonly totalWeight: bigint;
}

const NOBODY: Validators = { keys: [], weight: 0n, totalWeight: 0n };

/** What the P-Chain tells: its height, the epoch's, and the validators at each. */
let chain: { height: number; epochHeight: number; validators: (height: number) => Validators };
let server: ReturnType<typeof Bun.serve>;
let clock: ManualClock;
let blocks: number;
/** Is called with each block that is made. */
let onBlock: () => void;

beforeEach(() => {
  [clock, blocks, onBlock] = [new ManualClock(), 0, () => {}];
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { method, params } = (await request.json()) as { method: string; params: { height: string } };
      return Response.json({ jsonrpc: "2.0", id: 1, result: answer(method, Number(params.height)) });
    },
  });
});
afterEach(() => server.stop(true));

function answer(method: string, height: number): unknown {
  switch (method) {
    case "platform.validatedBy":
      return { subnetID: SUBNET_ID };
    case "platform.getHeight":
      return { height: String(chain.height) };
    case "proposervm.getCurrentEpoch":
      return { number: "1", startTime: "0", pChainHeight: String(chain.epochHeight) };
    default: {
      const { keys, weight, totalWeight } = chain.validators(height);
      const validators = keys.map(({ publicKey }) => ({
        publicKey: `0x${Buffer.from(publicKey).toString("hex")}`,
        weight: String(weight),
      }));
      const other = { validators: [], totalWeight: "5" };
      const set = totalWeight === 0n ? {} : { [SUBNET_ID]: { validators, totalWeight: String(totalWeight) } };
      return { validatorSets: { [PRIMARY_NETWORK_ID]: other, ...set } };
    }
  }
}

const source = { chainID: CHAIN_ID, address: new Uint8Array([3]) };
const payload = new Uint8Array([4, 5]);

function sign(timeoutMs = 60_000) {
  const nodes = own.map((signer) => {
    const key = Buffer.from(signer.secretKeyBytes()).toString("base64");
    return { flags: { "staking-signer-key-file-content": key } };
  });
  const wallet = {
    uri: `http://127.0.0.1:${server.port}`,
    state: { networkID: 12_345, ownOwner: { addresses: [new Uint8Array(20)] } },
    transfer: () => {
      blocks++;
      onBlock();
      // The wait for the next look is over at once.
      setTimeout(() => clock.advance(1_000), 0);
      return Promise.resolve();
    },
  };
  const host = { nodes: [...nodes, { flags: {} }] };
  return signWithOwnKeys(host as unknown as SubnetHost, wallet as unknown as PChainWallet, source, payload, {
    clock,
    timeoutMs,
  });
}

test("those of the validators sign whose keys are here, where they are two thirds by weight", async () => {
  const validators = { keys: [stranger, one], weight: 67n, totalWeight: 100n };
  chain = { height: 9, epochHeight: 4, validators: (height) => (height === 4 ? validators : NOBODY) };
  const { message, height } = await sign();
  const { signers, signature, ...unsigned } = parseSignedWarpMessage(message);
  expect([height, blocks, signers]).toEqual([4n, 0, Uint8Array.of(0b10)]);
  const called = addressedCallPayload(source.address, payload);
  expect(unsigned).toEqual({ networkID: 12_345, sourceChainID: CHAIN_ID, payload: called });
  const bytes = warpMessageBytes({ networkID: 12_345, sourceChainID: CHAIN_ID, payload: called });
  expect(blsVerify(blsSignerFromBytes(one.secretKeyBytes()).publicKey, signature, bytes)).toBe(true);
});

test("validators younger than the epoch are waited for with blocks, until the next one begins", async () => {
  chain = {
    height: 9,
    epochHeight: 4,
    validators: (height) => (height < 9 ? NOBODY : { keys: own, weight: 1n, totalWeight: 2n }),
  };
  onBlock = () => {
    chain.height++;
    if (blocks === 3) chain.epochHeight = 10;
  };
  const { message, height } = await sign();
  expect([height, blocks, parseSignedWarpMessage(message).signers]).toEqual([10n, 3, Uint8Array.of(0b11)]);
});

test("an epoch that does not end is given up in time", async () => {
  chain = {
    height: 9,
    epochHeight: 4,
    validators: (height) => (height < 9 ? NOBODY : { keys: own, weight: 1n, totalWeight: 2n }),
  };
  const error = (await sign(5_000).catch((thrown: unknown) => thrown)) as SubnetError;
  expect(error.message).toContain("older validators");
  expect(blocks).toBe(5);
});

test.each([
  ["keys are another's", { keys: [stranger, one], weight: 66n, totalWeight: 100n }, "Have the others sign"],
  ["validators are inactive", { keys: [one], weight: 66n, totalWeight: 100n }, "increase-balance"],
  ["there are no validators", NOBODY, "Have the others sign"],
])("nothing is signed or waited for where %s", async (_, validators, hint) => {
  chain = { height: 9, epochHeight: 4, validators: () => validators };
  const error = (await sign().catch((thrown: unknown) => thrown)) as SubnetError;
  expect(error.type).toEqual({ code: "signatures", subnetID: SUBNET_ID });
  expect(error.hint).toContain(hint);
  expect(blocks).toBe(0);
});
