import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { AvxError } from "../../../lib/core/errors.ts";
import { type ID, idToBytes } from "../../../lib/core/ids/id.ts";
import type { Node } from "../../../lib/node/node.ts";
import type { App } from "../../../lib/p2p/app/loading/app.ts";
import { appChainID } from "../../../lib/p2p/app/loading/chain_id.ts";
import { appPath, checkApp, loadApp } from "../../../lib/p2p/app/loading/load.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { connectPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { APP_ERROR_UNREGISTERED_HANDLER } from "../../../lib/p2p/routing/app_error.ts";
import { appHealth, startAppNodes } from "../../support/app_nodes.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** What is thrown, by its code, with its text. */
async function failure(work: () => Promise<unknown>): Promise<[code: string, message: string]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AvxError) return [error.type.code, error.message];
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("an app is loaded from the file that a path or a URL names", async () => {
  using directory = temporaryDirectory();
  const path = directory.join("my app, the first.ts");
  writeFileSync(path, 'const name: string = "mine";\nexport default { name, start() {} };\n');
  expect((await loadApp(path)).name).toBe("mine");
  expect(appPath("my app, the first.ts", directory.path)).toBe(path);
  expect(appPath(Bun.pathToFileURL(path).href.replaceAll(",", "%2C"), "/")).toBe(path);
});

test.each([
  ["app-file-missing", undefined, "there is no such file"],
  ["app-import-failed", "export default {", "Cannot load the app"],
  ["app-import-failed", 'throw new Error("no luck");', "no luck"],
  ["app-import-failed", 'import { x } from "./not_there.ts"; export default x;', "not_there.ts"],
  ["app-no-default-export", 'export const name = "x";', "it has no default export"],
  ["app-invalid", "export default 7;", "its name is not"],
  ["app-invalid", 'export default { name: "a b", start() {} };', "its name is not"],
  ["app-invalid", 'export default { name: "a" };', "its start is not a function"],
  ["app-invalid", 'export default { name: "a", start() {}, chain: 5 };', "its chain is not"],
])("what is no app is named: %s, %p", async (code, source, text) => {
  using directory = temporaryDirectory();
  const path = directory.join("app.ts");
  if (source !== undefined) writeFileSync(path, source);
  const [found, message] = await failure(() => loadApp(path));
  expect(found).toBe(code);
  expect(message).toContain(text);
  expect(message).toContain(path);
});

test("the chain of an app follows from its name alone", () => {
  expect<string>(appChainID("counter")).toBe("2L91uze17TxdktkcpcwriJpbCoCLW4mCm1pyoM7kaNEB4eHqrx");
  expect(appChainID("a")).not.toBe(appChainID("b"));
  expect(() => checkApp({ name: "x".repeat(65), start() {} })).toThrow("its name is not");
});

/** One node with an app, and what its health says of the app once it says something bad. */
async function broken(app: App): Promise<string> {
  await using net = await startAppNodes(1, () => [app]);
  const [node] = net.nodes as readonly [Node];
  await eventually("the app is unwell", () => node.apps.healthCheck().error !== undefined);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
  return node.apps.healthCheck().error ?? "";
}

test("an app that throws at its start leaves its node running, and is shown", async () => {
  const start = () => {
    throw new Error("not today");
  };
  expect(await broken({ name: "late", start })).toBe("The app late has not started: not today");
});

test("an app that throws later stops, and is shown", async () => {
  const app: App = {
    name: "later",
    start: ({ every }) => {
      every(1, () => {
        throw new Error("enough");
      });
    },
  };
  expect(await broken(app)).toContain("app later: the chain has stopped: enough");
});

test("what an app asks of itself ends it where its handler throws what it did not mean to", async () => {
  const app: App = {
    name: "self",
    start: ({ nodeID, protocols, run }) => {
      protocols.addHandler(0, {
        appRequest: () => {
          throw new TypeError("a bug");
        },
      });
      run(async () => {
        await protocols.newClient(0).request(nodeID, new Uint8Array());
      });
    },
  };
  expect(await broken(app)).toContain("a bug");
});

test("an unknown chain is named", async () => {
  expect(await broken({ name: "lost", chain: "Q", start() {} })).toContain('wants to run on the chain "Q"');
});

test("two apps of one name, or of one chain, do not run on one node", async () => {
  const idle = { start() {} };
  await using net = await startAppNodes(1, () => [
    { name: "twin", ...idle },
    { name: "twin", ...idle },
    { name: "first", chain: "C", ...idle },
    { name: "second", chain: "C", ...idle },
  ]);
  const { details, error } = (net.nodes[0] as Node).apps.healthCheck();
  expect(error?.match(/The app (\w+) cannot run: another app runs already/g)).toHaveLength(2);
  expect(details).toMatchObject({
    twin: { state: "running" },
    first: { state: "running" },
    second: { state: "failed" },
  });
});

test("an app takes the seat of a chain, and messages as they are where it wants to", async () => {
  const heard: string[] = [];
  const app: App = {
    name: "raw",
    chain: "C",
    start: ({ clock, nodeID, sender }) => {
      clock.setTimeout(() => sender.sendAppRequest([nodeID], 6, new Uint8Array([1])), 1);
      return {
        appRequest: (from, requestID, _deadline, bytes) => {
          heard.push(`asked ${bytes.length}`);
          sender.sendAppResponse(from, requestID, new Uint8Array(2));
        },
        appResponse: (_from, requestID, bytes) => {
          heard.push(`answered ${requestID} ${bytes.length}`);
        },
        health: () => ({ heard: heard.length }),
        stop: () => {
          heard.push("stopped");
        },
      };
    },
  };
  {
    await using net = await startAppNodes(1, () => [app]);
    const [node] = net.nodes as readonly [Node];
    await eventually("it has heard itself", () => appHealth(node, "raw")["heard"] === 2);
  }
  expect(heard).toEqual(["asked 1", "answered 6 2", "stopped"]);
});

test.each([
  ["at its start", false],
  ["later", true],
])("the seat of an app that fails %s is taken by who observed the chain before", async (_when, isLater) => {
  let chainID: ID | undefined;
  let isDue = false;
  const app: App = {
    name: "brief",
    chain: "C",
    start: (context) => {
      chainID = context.chainID;
      if (!isLater) throw new Error("not for me");
      context.every(1, () => {
        if (isDue) throw new Error("not for me");
      });
    },
  };
  await using net = await startAppNodes(1, () => [app]);
  const [node] = net.nodes as readonly [Node];
  isDue = true;
  await eventually("the app has failed", () => node.apps.healthCheck().error?.includes("not for me") === true);
  await using peer = await connectPeer(node.stakingAddress);
  let requestId = 0;
  const answer = async () => {
    peer.send(peer.build.appRequest(idToBytes(chainID as ID), ++requestId, 5_000_000_000n, new Uint8Array(1)));
    return await peer.next(Op.AppError);
  };
  expect((await answer()).message.errorCode).toBe(APP_ERROR_UNREGISTERED_HANDLER.code);
  // Whoever looks is told all the same.
  expect(node.apps.healthCheck().error).toContain("not for me");
});
