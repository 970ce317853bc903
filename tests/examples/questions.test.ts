import { expect, setDefaultTimeout, test } from "bun:test";
import questions from "../../examples/questions.ts";
import type { App } from "../../lib/p2p/app/loading/app.ts";
import { appHealth, startAppNodes } from "../support/app_nodes.ts";
import { eventually } from "../support/eventually.ts";

// Several nodes in one process: on a busy machine that takes its time.
setDefaultTimeout(60_000);

/** What is not answered is over soon. */
const QUICK_TIMEOUTS = {
  "network-initial-timeout": "100ms",
  "network-minimum-timeout": "100ms",
  "network-maximum-timeout": "200ms",
};

test("questions are answered, refused with the app's code, or time out; each ends", async () => {
  await using net = await startAppNodes(5, () => [questions], QUICK_TIMEOUTS);
  await eventually("every node has seen every end of a question", () =>
    net.nodes.every((node) => {
      const { answered, refused, timedOut } = appHealth(node, "questions") as Record<string, number>;
      return Math.min(answered ?? 0, refused ?? 0, timedOut ?? 0) > 0;
    }),
  );
  for (const node of net.nodes) {
    const app = node.apps.get("questions");
    expect(app?.context.protocols.pendingRequests).toBeLessThan(50);
    expect(node.apps.healthCheck().error).toBeUndefined();
  }
});

/** Nobody's question ends by time here: the network's longest is far beyond the test's own. */
const ENDLESS_TIMEOUTS = { "network-initial-timeout": "1h", "network-maximum-timeout": "1h" };

const HOUR_MS = 3_600_000;

/** Hears questions, and answers none until it is over. */
const silent: App = {
  name: questions.name,
  start({ protocols, sleep }) {
    protocols.addHandler(0, {
      async appRequest() {
        await sleep(HOUR_MS);
        return new Uint8Array();
      },
    });
  },
};

test("a node that stops ends its questions, which nobody answers", async () => {
  await using net = await startAppNodes(2, (index) => [index === 0 ? questions : silent], ENDLESS_TIMEOUTS);
  const [node] = net.nodes;
  const protocols = node?.apps.get("questions")?.context.protocols;
  await eventually("questions wait", () => (protocols?.pendingRequests ?? 0) > 0);
  await node?.close();
  expect(protocols?.pendingRequests).toBe(0);
});
