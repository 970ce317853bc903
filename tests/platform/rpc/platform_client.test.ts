/** Calls to a P-Chain API, against a server that answers as recorded, or wrongly. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { RPCError, type RPCErrorType } from "../../../lib/platform/rpc/errors.ts";
import { getNetworkID } from "../../../lib/platform/rpc/info_client.ts";
import { MAX_RPC_ANSWER_BYTES } from "../../../lib/platform/rpc/json_rpc.ts";
import { getCurrentValidators, getHeight, getSubnetIDs } from "../../../lib/platform/rpc/platform_client.ts";
import { RECORDED, RECORDED_L1, RECORDED_NETWORK_ID, resultAnswer, startPChain } from "../../support/p_chain.ts";

const chain = startPChain();
const { uri } = chain;

beforeEach(() => {
  chain.answer = undefined;
  chain.calls.length = 0;
});

afterAll(() => chain[Symbol.asyncDispose]());

async function errorOf(attempt: Promise<unknown>): Promise<RPCError> {
  const thrown = await attempt.then(
    (value) => new Error(`it answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(thrown instanceof RPCError)) throw thrown;
  return thrown;
}

const codeOf = async (attempt: Promise<unknown>): Promise<RPCErrorType["code"]> => (await errorOf(attempt)).type.code;

/** A good entry with something else about it. */
const staker = (change: Record<string, unknown>) => ({ ...RECORDED.current[PRIMARY_NETWORK_ID]![0], ...change });
const l1Validator = (change: Record<string, unknown>) => ({ ...RECORDED.current[RECORDED_L1]![1], ...change });

async function readEntry(entry: unknown) {
  chain.answer = () => resultAnswer({ validators: [entry] });
  const [validator] = await getCurrentValidators(uri, PRIMARY_NETWORK_ID);
  return validator;
}

test("what was recorded is read", async () => {
  expect(await getNetworkID(uri)).toBe(RECORDED_NETWORK_ID);
  expect(await getHeight(`${uri}/`)).toBe(BigInt(RECORDED.height));
  expect(await getSubnetIDs(uri)).toEqual(RECORDED.subnets.map(({ id }) => id));
  expect((await getCurrentValidators(uri, RECORDED_L1)).map(({ kind }) => kind)).toEqual(["staker", "l1", "l1"]);
  expect(await getCurrentValidators(uri, "nobody" as typeof RECORDED_L1)).toEqual([]);
  expect(chain.calls).toContain(`platform.getCurrentValidators ${RECORDED_L1}`);
});

test("weights beyond 2^53 are exact, delegations count", async () => {
  const max = String(2n ** 64n - 1n);
  expect(await readEntry(staker({ weight: max, delegatorWeight: "0" }))).toMatchObject({ weight: BigInt(max) });
  expect(await readEntry(staker({ weight: "9007199254740993", delegatorWeight: "9007199254740993" }))).toMatchObject({
    weight: 18_014_398_509_481_986n,
  });
  expect(await readEntry(staker({ delegatorWeight: undefined, weight: "1" }))).toMatchObject({ weight: 1n });
});

test("a validator of an L1 is active while its balance pays", async () => {
  expect(await readEntry(l1Validator({ balance: "1" }))).toMatchObject({ kind: "l1", active: true });
  expect(await readEntry(l1Validator({ balance: "0" }))).toMatchObject({ kind: "l1", active: false });
});

test("a staker may have no BLS key", async () => {
  expect(await readEntry(staker({ signer: undefined }))).toMatchObject({ kind: "staker", publicKey: undefined });
  expect(await readEntry(staker({ signer: null }))).toMatchObject({ kind: "staker", publicKey: undefined });
});

test.each<[string, unknown]>([
  ["no object", 5],
  ["null", null],
  ["no node ID", staker({ nodeID: undefined })],
  ["a node ID without its prefix", staker({ nodeID: "8QUdxrVfUa1yCv8CWU9iSdPLL9iMLF9sZ" })],
  ["a node ID that was mistyped", staker({ nodeID: "NodeID-8QUdxrVfUa1yCv8CWU9iSdPLL9iMLF9sY" })],
  ["an endless node ID", staker({ nodeID: `NodeID-${"2".repeat(1_000_000)}` })],
  ["a node ID that is a list", staker({ nodeID: Array.from({ length: 1_000 }, () => "NodeID-") })],
  ["no weight", staker({ weight: undefined })],
  ["a weight of 0", staker({ weight: "0" })],
  ["a negative weight", staker({ weight: "-1" })],
  ["a weight that was rounded", staker({ weight: 1e15 })],
  ["a weight beyond 64 bits", staker({ weight: String(2n ** 64n) })],
  ["a weight with an endless row of digits", staker({ weight: "9".repeat(1_000_000) })],
  ["delegations beyond 64 bits", staker({ weight: "1", delegatorWeight: String(2n ** 64n - 1n) })],
  ["no transaction", staker({ txID: undefined })],
  ["a transaction that is no ID", staker({ txID: "abc" })],
  ["a signer without a key", staker({ signer: {} })],
  ["a signer that is no object", staker({ signer: 5 })],
  ["a key of another length", staker({ signer: { publicKey: "0x00" } })],
  ["a key that is no hex", staker({ signer: { publicKey: `0x${"zz".repeat(48)}` } })],
  ["a key without 0x", staker({ signer: { publicKey: "aa".repeat(48) } })],
  ["a validator of an L1 without a key", l1Validator({ publicKey: undefined })],
  ["a validator of an L1 without a balance", l1Validator({ balance: undefined })],
  ["a validation ID that is none", l1Validator({ validationID: 7 })],
])("an answer with %s among the validators is malformed", async (_, entry) => {
  const error = await errorOf(readEntry(entry));
  expect(error.type).toEqual({ code: "malformed", url: `${uri}/ext/bc/P` });
  expect(error.message.length).toBeLessThan(400);
});

test.each<[string, unknown]>([
  ["nothing", {}],
  ["null", null],
  ["a text", "none"],
  ["validators that are no list", { validators: {} }],
])("an answer of %s is malformed", async (_, result) => {
  chain.answer = () => resultAnswer(result);
  expect(await codeOf(getCurrentValidators(uri, PRIMARY_NETWORK_ID))).toBe("malformed");
  expect(await codeOf(getHeight(uri))).toBe("malformed");
  expect(await codeOf(getSubnetIDs(uri))).toBe("malformed");
});

test("subnets and heights that are none are malformed", async () => {
  chain.answer = () => resultAnswer({ height: 5, subnets: [{ id: "2".repeat(1_000_000) }] });
  expect(await codeOf(getHeight(uri))).toBe("malformed");
  expect(await codeOf(getSubnetIDs(uri))).toBe("malformed");
});

test("a P-Chain that still bootstraps is told by its status", async () => {
  chain.answer = () => new Response("API call rejected because chain is not done bootstrapping", { status: 503 });
  expect((await errorOf(getHeight(uri))).type).toMatchObject({ code: "status", status: 503 });
});

test("answers are read up to a bound, and nesting without end is no answer", async () => {
  chain.answer = () => new Response(`[${" ".repeat(MAX_RPC_ANSWER_BYTES)}]`);
  expect(await codeOf(getCurrentValidators(uri, PRIMARY_NETWORK_ID))).toBe("malformed");
  chain.answer = () => new Response("[".repeat(1_000_000));
  expect(await codeOf(getCurrentValidators(uri, PRIMARY_NETWORK_ID))).toBe("malformed");
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  chain.answer = () => new Response(`{"result":{"validators":[${deep}]}}`);
  expect(await codeOf(getCurrentValidators(uri, PRIMARY_NETWORK_ID))).toBe("malformed");
});

test("an answer that grows without end is cut off", async () => {
  let sent = 0;
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
  chain.answer = () => new Response(endless());
  expect(await codeOf(getHeight(uri))).toBe("malformed");
  expect(sent).toBeLessThan(4 * MAX_RPC_ANSWER_BYTES);
});
