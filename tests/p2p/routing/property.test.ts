import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ID } from "../../../lib/core/ids/id.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { AVX_APPLICATION } from "../../../lib/core/version/constants.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import type { Sender } from "../../../lib/p2p/routing/sender/sender.ts";
import { TestRouting, testChain, testChainID } from "../../support/routing.ts";
import { node } from "../../support/throttling.ts";

const NODES = ["me", "a", "b", "c", "stranger"];
const CONTAINER = testChainID(9);

/** For each kind of request: how it is made, and what answers it. */
const KINDS = [
  {
    answer: Op.StateSummaryFrontier,
    send: (s: Sender, to: NodeID, id: number) => s.sendGetStateSummaryFrontier([to], id),
  },
  {
    answer: Op.AcceptedStateSummary,
    send: (s: Sender, to: NodeID, id: number) => s.sendGetAcceptedStateSummary([to], id, [1n]),
  },
  { answer: Op.AcceptedFrontier, send: (s: Sender, to: NodeID, id: number) => s.sendGetAcceptedFrontier([to], id) },
  { answer: Op.Accepted, send: (s: Sender, to: NodeID, id: number) => s.sendGetAccepted([to], id, [CONTAINER]) },
  { answer: Op.Ancestors, send: (s: Sender, to: NodeID, id: number) => s.sendGetAncestors(to, id, CONTAINER) },
  { answer: Op.Put, send: (s: Sender, to: NodeID, id: number) => s.sendGet(to, id, CONTAINER) },
  { answer: Op.Chits, send: (s: Sender, to: NodeID, id: number) => s.sendPullQuery([to], id, CONTAINER, 1n) },
  {
    answer: Op.AppResponse,
    send: (s: Sender, to: NodeID, id: number) => s.sendAppRequest([to], id, new Uint8Array(3)),
  },
] as const;

/** What peers may send at any time. */
const UNASKED = [Op.AppGossip, Op.AppRequest, Op.PullQuery, Op.GetAccepted, Op.Get, Op.AppResponse, Op.Chits] as const;

type Step =
  | { readonly do: "send"; readonly chain: number; readonly kind: number; readonly to: number }
  | {
      readonly do: "answer";
      readonly which: number;
      readonly how: "right" | "wrong-kind" | "wrong-node" | "error" | "bad";
    }
  | {
      readonly do: "unasked";
      readonly op: number;
      readonly from: number;
      readonly chain: number;
      readonly inMs: number;
    }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "come" | "go" | "lose" | "find"; readonly who: number }
  | { readonly do: "pace"; readonly chain: number; readonly ms: number }
  | { readonly do: "replace" | "break"; readonly chain: number };

const chain = fc.nat({ max: 1 });
const who = fc.nat({ max: NODES.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("send"), chain, kind: fc.nat({ max: KINDS.length - 1 }), to: who }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("answer"),
      which: fc.nat(),
      how: fc.constantFrom("right", "right", "right", "wrong-kind", "wrong-node", "error", "bad"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("unasked"),
      op: fc.nat({ max: UNASKED.length - 1 }),
      from: who,
      chain: fc.nat({ max: 2 }),
      inMs: fc.constantFrom(-1, 0, 50, 5_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(0, 1, 100, 1_900, 6_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("come", "go", "lose", "find"), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pace"), chain, ms: fc.constantFrom(0, 1, 300, 4_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("replace", "break"), chain }) },
) as fc.Arbitrary<Step>;

/** One life of one chain: what it asked for, and what became of that. */
interface Life {
  readonly sender: Sender;
  readonly asked: { readonly to: string; readonly kind: number; readonly requestID: number }[];
  readonly outcomes: Map<string, number>;
  paceMs: number;
  breaks: boolean;
  over: boolean;
}

const key = (nodeID: string, answer: Op, requestID: number) => `${nodeID}/${answer}/${requestID}`;

test("each request ends exactly once, each message is released exactly once, and nothing is held when all is over", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(), async (steps, seed) => {
      const t = new TestRouting();
      const random = seededRandom(seed);
      const lives: Life[] = [];
      const current: Life[] = [];
      const asked: {
        readonly life: Life;
        readonly chain: ID;
        readonly to: string;
        readonly kind: number;
        readonly requestID: number;
      }[] = [];

      const begin = (number: number): void => {
        // The chain hears of its peers, its own node first, before it is there for others.
        t.addChain(
          (sender) => {
            const life: Life = { sender, asked: [], outcomes: new Map(), paceMs: 0, breaks: false, over: false };
            lives.push(life);
            current[number] = life;
            return engine(sender, life);
          },
          testChain(number + 1),
        );
      };
      const engine = (sender: Sender, life: Life): Engine => {
        const pace = (): void | Promise<void> => {
          const { breaks, paceMs } = life;
          if (breaks && paceMs === 0) throw new Error("the engine breaks");
          if (paceMs === 0) return;
          return new Promise((resolve, reject) => {
            t.clock.setTimeout(() => (breaks ? reject(new Error("the engine breaks")) : resolve()), paceMs);
          });
        };
        const ends = (answer: Op) => (nodeID: NodeID, requestID: number) => {
          const { outcomes } = life;
          const name = key(nodeID, answer, requestID);
          outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
          return pace();
        };
        const asks = (answers: (nodeID: NodeID, requestID: number) => void) => (nodeID: NodeID, requestID: number) => {
          if (random.float() < 0.5) answers(nodeID, requestID);
          return pace();
        };
        return {
          stateSummaryFrontier: ends(Op.StateSummaryFrontier),
          getStateSummaryFrontierFailed: ends(Op.StateSummaryFrontier),
          acceptedStateSummary: ends(Op.AcceptedStateSummary),
          getAcceptedStateSummaryFailed: ends(Op.AcceptedStateSummary),
          acceptedFrontier: ends(Op.AcceptedFrontier),
          getAcceptedFrontierFailed: ends(Op.AcceptedFrontier),
          accepted: ends(Op.Accepted),
          getAcceptedFailed: ends(Op.Accepted),
          ancestors: ends(Op.Ancestors),
          getAncestorsFailed: ends(Op.Ancestors),
          put: ends(Op.Put),
          getFailed: ends(Op.Put),
          chits: ends(Op.Chits),
          queryFailed: ends(Op.Chits),
          appResponse: ends(Op.AppResponse),
          appRequestFailed: ends(Op.AppResponse),
          getStateSummaryFrontier: asks((to, id) => sender.sendStateSummaryFrontier(to, id, new Uint8Array(1))),
          getAcceptedFrontier: asks((to, id) => sender.sendAcceptedFrontier(to, id, CONTAINER)),
          getAccepted: asks((to, id) => sender.sendAccepted(to, id, [])),
          pullQuery: asks((to, id) =>
            sender.sendChits(to, id, {
              preferredID: CONTAINER,
              preferredIDAtHeight: CONTAINER,
              acceptedID: CONTAINER,
              acceptedHeight: 1n,
            }),
          ),
          appRequest: asks((to, id) =>
            id % 2 === 0 ? sender.sendAppResponse(to, id, new Uint8Array()) : sender.sendAppError(to, id, 1, "no"),
          ),
          appGossip: () => pace(),
          connected: () => pace(),
          shutdown: () => {
            life.over = true;
          },
        };
      };
      begin(0);
      begin(1);

      for (const step of steps) {
        switch (step.do) {
          case "send": {
            const life = current[step.chain] as Life;
            const kind = KINDS[step.kind] as (typeof KINDS)[number];
            const to = NODES[step.to] as string;
            const requestID = asked.length;
            asked.push({ life, chain: testChainID(step.chain + 1), to, kind: step.kind, requestID });
            life.asked.push({ to, kind: step.kind, requestID });
            kind.send(life.sender, node(to), requestID);
            break;
          }
          case "answer": {
            const request = asked[step.which % Math.max(1, asked.length)];
            if (request === undefined) break;
            const { chain, kind, requestID, to } = request;
            const right = (KINDS[kind] as (typeof KINDS)[number]).answer;
            const wrong = (KINDS[(kind + 1) % KINDS.length] as (typeof KINDS)[number]).answer;
            const op = step.how === "wrong-kind" ? wrong : step.how === "error" ? Op.AppError : right;
            const content = step.how === "bad" ? { containerId: new Uint8Array(3), acceptedId: new Uint8Array(3) } : {};
            t.inbound(op, step.how === "wrong-node" ? "somebody" : to, { chain, requestID, content });
            break;
          }
          case "unasked": {
            const expiration = t.clock.monotonic() + step.inMs;
            const op = UNASKED[step.op] as (typeof UNASKED)[number];
            t.inbound(op, NODES[step.from] as string, {
              chain: testChainID(step.chain + 1),
              requestID: 1e6,
              expiration,
            });
            break;
          }
          case "wait":
            await t.clock.runFor(step.ms);
            break;
          case "come":
            t.router.connected(node(NODES[step.who] as string), AVX_APPLICATION, PRIMARY_NETWORK_ID);
            break;
          case "go":
            t.router.disconnected(node(NODES[step.who] as string));
            break;
          case "lose":
            t.reachable.delete(node(NODES[step.who] as string));
            break;
          case "find":
            t.reachable.add(node(NODES[step.who] as string));
            break;
          case "pace":
            (current[step.chain] as Life).paceMs = step.ms;
            break;
          case "break":
            (current[step.chain] as Life).breaks = true;
            break;
          case "replace":
            void t.routing.removeChain(testChainID(step.chain + 1));
            begin(step.chain);
            break;
        }
      }

      // The last deadline passes, and the slowest engine comes to the end of its queue.
      await t.clock.runFor(60_000 + asked.length * 4_000);
      expect(t.router.outstandingRequests).toBe(0);
      for (const life of lives) {
        for (const { kind, requestID, to } of life.asked) {
          const outcomes = life.outcomes.get(key(to, (KINDS[kind] as (typeof KINDS)[number]).answer, requestID)) ?? 0;
          if (life.over || life.breaks) expect(outcomes).toBeLessThanOrEqual(1);
          else expect(outcomes).toBe(1);
        }
        expect([...life.outcomes.values()].every((count) => count === 1)).toBe(true);
      }
      await t[Symbol.asyncDispose]();
      expect(t.released.every((times) => times === 1)).toBe(true);
      expect(t.holdsNothing).toBe(true);
      expect(t.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 500 },
  );
}, 120_000);
