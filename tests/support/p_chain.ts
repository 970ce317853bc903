/**
 * A P-Chain API of one's own: answers as recorded from avalanchego, or as a test wants.
 *
 * The recording (`tests/fixtures/validators/platform.json`) is of a network with two validators, one with a delegation;
 * a subnet with one of them; an L1 with a validator from before its conversion, an active and an inactive one.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";

type Entry = Readonly<Record<string, unknown>>;

/** What was asked of one chain, all at one height. */
export interface RecordedPChain {
  readonly height: string;
  readonly subnets: readonly { readonly id: ID }[];
  /** `platform.getCurrentValidators` by subnet. */
  readonly current: Readonly<Record<ID, readonly Entry[]>>;
  /** `platform.getValidatorsAt` by subnet: the reference's own validator manager. */
  readonly at: Readonly<Record<ID, Readonly<Record<NodeID, { readonly publicKey: string | null; weight: string }>>>>;
}

export const RECORDED: RecordedPChain = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/validators/platform.json"), "utf8"),
);

/** The network of {@link RECORDED}. */
export const RECORDED_NETWORK_ID = 88_888;

/** The subnet and the L1 of {@link RECORDED}. */
export const [RECORDED_SUBNET, RECORDED_L1] = recordedSubnets();

function recordedSubnets(): [subnet: ID, l1: ID] {
  const isL1 = (subnetID: ID) => RECORDED.current[subnetID]?.some((entry) => "validationID" in entry) === true;
  const ids = RECORDED.subnets.map(({ id }) => id).filter((id) => !("signer" in (RECORDED.current[id]?.[0] ?? {})));
  return [ids.find((id) => !isL1(id)) as ID, ids.find(isL1) as ID];
}

/** What a test may change of a chain. */
export interface PChainState {
  networkID: string;
  height: string;
  subnets: unknown;
  /** Validators by subnet; none where a subnet is not there. */
  current: Record<string, unknown>;
}

/** See {@link startPChain}. */
export interface PChainServer extends AsyncDisposable {
  readonly uri: string;
  /** What it answers. */
  readonly state: PChainState;
  /** Methods that were called, with the subnet where one was named. */
  readonly calls: string[];
  /** Answers in place of the state, while it gives an answer. */
  answer:
    | ((method: string, params: { readonly subnetID?: string }) => Response | Promise<Response> | undefined)
    | undefined;
}

/** Serves the recorded chain on 127.0.0.1. */
export function startPChain(port = 0): PChainServer {
  const state: PChainState = {
    networkID: String(RECORDED_NETWORK_ID),
    height: RECORDED.height,
    subnets: RECORDED.subnets,
    current: { ...RECORDED.current },
  };
  const calls: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      const body = (await request.json()) as { method: string; params: { subnetID?: string } };
      const { method, params } = body;
      calls.push(params.subnetID === undefined ? method : `${method} ${params.subnetID}`);
      const path = method.startsWith("info.") ? "/ext/info" : "/ext/bc/P";
      if (new URL(request.url).pathname !== path) return new Response("404 page not found", { status: 404 });
      return (await pChain.answer?.(method, params)) ?? stateAnswer(state, method, params.subnetID);
    },
  });
  const pChain: PChainServer = {
    uri: `http://127.0.0.1:${server.port}`,
    state,
    calls,
    answer: undefined,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return pChain;
}

function stateAnswer(state: PChainState, method: string, subnetID: string | undefined): Response {
  switch (method) {
    case "info.getNetworkID":
      return resultAnswer({ networkID: state.networkID });
    case "platform.getHeight":
      return resultAnswer({ height: state.height });
    case "platform.getSubnets":
      return resultAnswer({ subnets: state.subnets });
    case "platform.getCurrentValidators":
      return resultAnswer({ validators: state.current[subnetID ?? ""] ?? [] });
    default:
      return Response.json({ jsonrpc: "2.0", id: 1, error: { code: -32_000, message: `rpc: can't find ${method}` } });
  }
}

/** The answer of a method that went well. */
export function resultAnswer(result: unknown): Response {
  return Response.json({ jsonrpc: "2.0", id: 1, result });
}
