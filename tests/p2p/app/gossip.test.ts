import { expect, test } from "bun:test";
import { EMPTY_FILTER_BYTES } from "../../../lib/core/bloom/filter.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import { sha256 } from "../../../lib/core/hashing.ts";
import { type ID, idFromBytes } from "../../../lib/core/ids/id.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { AppClient } from "../../../lib/p2p/app/client.ts";
import { BloomSet } from "../../../lib/p2p/app/gossip/bloom_set.ts";
import { gossipHandler } from "../../../lib/p2p/app/gossip/gossip_handler.ts";
import type { Gossip, GossipSet } from "../../../lib/p2p/app/gossip/gossipable.ts";
import { LRUSet } from "../../../lib/p2p/app/gossip/lru_set.ts";
import {
  marshalPullRequest,
  marshalPullResponse,
  marshalPushGossip,
  parsePullRequest,
  parsePullResponse,
  parsePushGossip,
} from "../../../lib/p2p/app/gossip/messages.ts";
import { PullGossiper } from "../../../lib/p2p/app/gossip/pull_gossiper.ts";
import { PushGossiper } from "../../../lib/p2p/app/gossip/push_gossiper.ts";
import { parseMessage } from "../../../lib/p2p/app/handler_id.ts";
import type { App } from "../../../lib/p2p/app/loading/app.ts";
import { type AppOutcome, PendingRequests } from "../../../lib/p2p/app/pending_requests.ts";
import type { SendConfig } from "../../../lib/p2p/network/peer_set.ts";
import { appHealth, startAppNodes } from "../../support/app_nodes.ts";
import { eventually } from "../../support/eventually.ts";
import { node } from "../../support/throttling.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Words, which are known by their hash; no empty one. */
const WORDS: Gossip<string> = {
  id: (word) => idFromBytes(sha256(encoder.encode(word))),
  marshal: (word) => encoder.encode(word),
  unmarshal: (bytes) => {
    if (bytes.length === 0) throw new Error("no word");
    return decoder.decode(bytes);
  },
};

class WordSet implements GossipSet<string> {
  readonly words = new Map<ID, string>();

  get size(): number {
    return this.words.size;
  }

  has(id: ID): boolean {
    return this.words.has(id);
  }

  add(word: string): void {
    if (this.has(WORDS.id(word))) throw new Error("known");
    this.words.set(WORDS.id(word), word);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.words.values();
  }
}

const bloomSet = (set = new WordSet(), minTargetElements = 1_000) =>
  new BloomSet({ set, gossip: WORDS, random: seededRandom(3) }, { minTargetElements });

/** A client whose messages are kept, and what its requests are answered with. */
class Wire {
  readonly asked: Uint8Array[] = [];
  readonly told: [to: SendConfig, words: string[]][] = [];
  readonly pending = new PendingRequests();
  readonly client: AppClient;

  constructor(peers: readonly NodeID[] = [node("a")]) {
    const message = (bytes: Uint8Array) => parseMessage(bytes)?.message as Uint8Array;
    const sender = {
      sendAppRequest: (_nodeIDs: Iterable<NodeID>, _requestID: number, bytes: Uint8Array) =>
        void this.asked.push(message(bytes)),
      sendAppResponse: () => {},
      sendAppError: () => {},
      sendAppGossip: (to: SendConfig, bytes: Uint8Array) => {
        this.told.push([to, parsePushGossip(message(bytes)).map((word) => decoder.decode(word))]);
        return new Set<NodeID>();
      },
    };
    const sampler = { sample: (limit: number) => peers.slice(0, limit) };
    this.client = new AppClient({ sender, pending: this.pending, sampler }, 0);
  }

  answer(outcome: AppOutcome): void {
    void this.pending.take(1, node("a"))?.callback(node("a"), outcome);
  }
}

test("messages have upstream's fields", () => {
  const salt = new Uint8Array(32).fill(7);
  const request = marshalPullRequest(EMPTY_FILTER_BYTES, salt);
  // Field 2 is the salt, field 3 the filter, both bytes.
  expect([...request.subarray(0, 2)]).toEqual([0x12, 32]);
  expect([...request.subarray(34, 36)]).toEqual([0x1a, EMPTY_FILTER_BYTES.length]);
  const parsed = parsePullRequest(request);
  expect(parsed.salt).toEqual(salt);
  expect(parsed.filter.bytes()).toEqual(EMPTY_FILTER_BYTES);
  expect([...marshalPushGossip([Uint8Array.of(5)])]).toEqual([0x0a, 1, 5]);
  expect(parsePullResponse(marshalPullResponse([Uint8Array.of(5)]))).toEqual([Uint8Array.of(5)]);
  expect(() => parsePullRequest(marshalPullRequest(EMPTY_FILTER_BYTES, salt.subarray(1)))).toThrow();
  expect(() => parsePullRequest(marshalPullRequest(new Uint8Array(), salt))).toThrow("invalid num hashes");
});

test("a set's filter holds what was added, also once it was made anew", () => {
  const set = bloomSet(new WordSet(), 10);
  const { salt } = set.filter();
  const words = Array.from({ length: 200 }, (_, i) => `word ${i}`);
  for (const word of words) set.add(word);
  expect(set.filter().salt).not.toEqual(salt);
  const answered = gossipHandler({ gossip: WORDS, set }).appRequest?.(
    node("a"),
    marshalPullRequest(set.filter().bloom.bytes(), set.filter().salt),
    0,
  );
  expect(parsePullResponse(answered as Uint8Array)).toEqual([]);
  expect(() => set.add("word 7")).toThrow("known");
});

test("who asks is told what it lacks, up to about the size of a message", () => {
  const set = bloomSet();
  for (const word of ["one", "two", "three", "four"]) set.add(word);
  const ask = (handler: ReturnType<typeof gossipHandler>) => {
    const request = marshalPullRequest(EMPTY_FILTER_BYTES, new Uint8Array(32));
    return parsePullResponse(handler.appRequest?.(node("a"), request, 0) as Uint8Array).length;
  };
  expect(ask(gossipHandler({ gossip: WORDS, set }))).toBe(4);
  expect(ask(gossipHandler({ gossip: WORDS, set }, 5))).toBe(2);
  expect(() => gossipHandler({ gossip: WORDS, set }).appRequest?.(node("a"), Uint8Array.of(1), 0)).toThrow(
    "unexpected error",
  );
});

test("what is pushed is kept, and what is none of it is passed over", () => {
  const set = bloomSet();
  const handler = gossipHandler({ gossip: WORDS, set });
  handler.appGossip?.(node("a"), marshalPushGossip(["one", "", "one", "two"].map((word) => encoder.encode(word))));
  handler.appGossip?.(node("a"), Uint8Array.of(1));
  expect([...set]).toEqual(["one", "two"]);
});

test("what is pulled is kept; a failure, or what is no answer, changes nothing", () => {
  const wire = new Wire();
  const set = bloomSet();
  const pull = new PullGossiper({ client: wire.client, gossip: WORDS, set });
  pull.gossip();
  expect(parsePullRequest(wire.asked[0] as Uint8Array).salt).toEqual(set.filter().salt);
  wire.answer({ response: marshalPullResponse([encoder.encode("one")]) });
  expect([...set]).toEqual(["one"]);
  new PullGossiper({ client: new Wire([]).client, gossip: WORDS, set }).gossip();
});

/** A push gossiper and its surroundings. */
function pusher(discardedSize = 16) {
  const wire = new Wire();
  const clock = new ManualClock(0);
  const set = new WordSet();
  const validators = { top: (share: number) => (share === 0 ? [] : [node("heavy")]) };
  const options = {
    gossip: { stakeShare: 0.5, validators: 3 },
    regossip: { peers: 1 },
    regossipPeriodMs: 1_000,
    targetMessageSize: 10,
    discardedSize,
  };
  const push = new PushGossiper({ client: wire.client, clock, gossip: WORDS, set, validators }, options);
  const add = (word: string) => {
    set.add(word);
    push.add(word);
  };
  return { add, clock, push, set, told: wire.told };
}

test("new things are told at once, and again after a while, in messages of about a size", async () => {
  const { add, clock, push, told } = pusher();
  for (const word of ["aaaaaa", "bbbbbb", "cc"]) add(word);
  push.gossip();
  const heavy = { nodeIDs: new Set([node("heavy")]), validators: 3, nonValidators: 0, peers: 0 };
  expect(told).toEqual([[heavy, ["aaaaaa", "bbbbbb"]]]);
  push.gossip();
  push.gossip();
  expect(told.map(([, words]) => words).slice(1)).toEqual([["cc"]]);
  await clock.runFor(1_000);
  push.gossip();
  expect(told[2]).toEqual([{ nodeIDs: new Set(), validators: 0, nonValidators: 0, peers: 1 }, ["aaaaaa", "bbbbbb"]]);
});

test("what is in the set no more is told no more, and is not new when it comes back", async () => {
  const { add, clock, push, set, told } = pusher();
  add("one");
  push.gossip();
  set.words.clear();
  await clock.runFor(1_000);
  push.gossip();
  expect([told.length, push.size]).toEqual([1, 0]);
  add("one");
  push.gossip();
  expect(told.length).toBe(1);
  await clock.runFor(1_000);
  push.gossip();
  expect(told.length).toBe(2);
});

test("a push gossiper must tell someone", () => {
  const { set } = pusher();
  const modules = { client: new Wire().client, clock: new ManualClock(0), gossip: WORDS, set };
  const validators = { top: () => [] };
  const make = (options: object) => () => new PushGossiper({ ...modules, validators }, options);
  expect(make({ gossip: { stakeShare: 1 } })).toThrow("must gossip to at least one peer");
  expect(make({ regossip: { peers: -1 } })).toThrow("cannot be negative");
  expect(make({ discardedSize: -1 })).toThrow("discardedSize cannot be negative");
});

test("a set that forgets keeps the last that were asked for", () => {
  const set = new LRUSet<string>(2);
  set.add("a");
  set.add("b");
  expect(set.has("a")).toBe(true);
  set.add("c");
  expect(["a", "b", "c"].map((key) => set.has(key))).toEqual([true, false, true]);
});

test("words spread through five validators by push and pull", async () => {
  const app = (index: number): App => ({
    name: "words",
    start: ({ avx, clock, every, nodeID, protocols, random }) => {
      const modules = { clock, random, protocols, gossip: WORDS, set: new WordSet() };
      const push = { regossipPeriodMs: 50 };
      const system = avx.gossipSystem(modules, { handlerID: 0, myNodeID: nodeID, push, requestPeriodMs: 10 });
      system.add(`said by ${index}`);
      every(10, () => system.cycle());
      return { health: () => ({ words: [...system.set].sort() }) };
    },
  });
  await using net = await startAppNodes(5, (index) => [app(index)]);
  const all = [0, 1, 2, 3, 4].map((index) => `said by ${index}`);
  await eventually("all have all", () =>
    net.nodes.every((each) => (appHealth(each, "words")["words"] as string[]).length === all.length),
  );
  for (const each of net.nodes) expect(appHealth(each, "words")["words"]).toEqual(all);
});
