import { expect, setDefaultTimeout, test } from "bun:test";
import questions from "../../examples/questions.ts";
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

test("a node that stops ends its questions at once", async () => {
  await using net = await startAppNodes(2, () => [questions], { "network-initial-timeout": "10s" });
  const [node] = net.nodes;
  const protocols = node?.apps.get("questions")?.context.protocols;
  await eventually("a question waits", () => (protocols?.pendingRequests ?? 0) > 0);
  const startedAt = performance.now();
  await node?.close();
  expect(protocols?.pendingRequests).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
