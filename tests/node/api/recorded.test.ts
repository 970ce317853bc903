import { expect, test } from "bun:test";
import { parseNodeID } from "../../../lib/core/ids/node_id.ts";
import { api, call, PEERS, post, recorded, recordedAnswer } from "./support.ts";

/** Times lose what is below a millisecond here, and the recorded ones have it. */
function withoutSubMilliseconds(text: string): string {
  return text.replace(/(:\d\d\.\d{3})\d*Z/g, (_, kept: string) => `${kept.replace(/0+$/, "")}Z`);
}

test.each([
  "info.acps",
  "info.getNetworkID",
  "info.getNetworkName",
  "info.getNodeID",
  "info.getNodeIP",
  "info.getTxFee",
  "info.peers",
  "info.upgrades",
  "info.uptime",
  "health.health",
  "health.readiness",
  "health.liveness",
])("%s answers as recorded, to the byte", async (method) => {
  const { app } = api();
  const service = method.split(".")[0];
  const { response, text } = await post(app, `/ext/${service}`, `{"jsonrpc":"2.0","id":1,"method":"${method}"}`);
  expect(text.trim()).toBe(withoutSubMilliseconds(recorded(`${method}.json`).trim()));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("info.getBlockchainID knows the chains of the genesis", async () => {
  const { app } = api();
  expect(await call(app, "info.getBlockchainID", { alias: "C" })).toEqual(
    JSON.parse(recorded("info.getBlockchainID.json")),
  );
  expect(await call(app, "info.getBlockchainID", { alias: "Q" })).toMatchObject({
    error: { code: -32000, message: "there is no ID with alias: Q", data: null },
  });
});

test("info.getNodeVersion has the recorded fields", async () => {
  const { result } = JSON.parse(recorded("info.getNodeVersion.json")) as { result: object };
  const answer = (await call(api().app, "info.getNodeVersion")) as { result: object };
  expect(answer.result).toEqual({ ...result, vmVersions: {} });
});

test("no chain is bootstrapped here, as none runs", async () => {
  const { app } = api();
  expect(await call(app, "info.isBootstrapped", { chain: "C" })).toEqual({
    ...JSON.parse(recorded("info.isBootstrapped.json")),
    result: { isBootstrapped: false },
  });
  expect(await call(app, "info.isBootstrapped")).toMatchObject({ error: { message: "argument 'chain' not given" } });
  expect(await call(app, "info.isBootstrapped", { chain: "Q" })).toMatchObject({
    error: { message: "there is no chain with alias/ID 'Q'" },
  });
});

test("info.getVMs has the recorded fields, and lists none", async () => {
  const { result } = JSON.parse(recorded("info.getVMs.json")) as { result: object };
  const answer = (await call(api().app, "info.getVMs")) as { result: object };
  expect(answer.result).toEqual(Object.fromEntries(Object.keys(result).map((name) => [name, {}])));
});

test("an unknown method is answered as recorded", async () => {
  expect(await call(api().app, "info.nope")).toEqual(JSON.parse(recorded("info.nope.json")));
});

test("info.peers can be asked for some", async () => {
  const { app } = api();
  const [first] = PEERS;
  const { result } = (await call(app, "info.peers", { nodeIDs: [first?.nodeID] })) as {
    result: { numPeers: string; peers: { nodeID: string }[] };
  };
  expect(result.numPeers).toBe("1");
  expect(parseNodeID(result.peers[0]?.nodeID ?? "")).toBe(first!.nodeID);
});

test("info.peers takes null for the node ID that nobody has, as avalanchego does", async () => {
  expect(await call(api().app, "info.peers", { nodeIDs: [null] })).toMatchObject({ result: { numPeers: "0" } });
});

test("info.uptime passes on why there is none", async () => {
  const uptime = () => {
    throw new Error("node is not a validator");
  };
  expect(await call(api({ info: { uptime } }).app, "info.uptime")).toMatchObject({
    error: { message: "couldn't get node uptime: node is not a validator" },
  });
});

test("info.acps sums the weight of validators by opinion", async () => {
  const peers = () => [
    { ...PEERS[0]!, supportedACPs: [77] },
    { ...PEERS[1]!, objectedACPs: [77] },
    { ...PEERS[2]!, supportedACPs: [77] },
  ];
  const weight = (nodeID: string) => (nodeID === PEERS[2]!.nodeID ? 0n : 18_446_744_073_709_551_615n);
  const { result } = await call(api({ info: { peers, weight } }).app, "info.acps");
  expect(result).toEqual({
    acps: {
      "77": {
        supportWeight: "18446744073709551615",
        supporters: [PEERS[0]!.nodeID],
        objectWeight: "18446744073709551615",
        objectors: [PEERS[1]!.nodeID],
        abstainWeight: "0",
      },
    },
  });
});

const JSON_TYPE = { "content-type": "application/json" };
test.each<[string, string, RequestInit]>([
  ["get-health", "/ext/health", {}],
  ["get-readiness", "/ext/health/readiness", {}],
  ["get-liveness", "/ext/health/liveness", {}],
  ["info.get", "/ext/info", {}],
  [
    "info.junk",
    "/ext/info",
    { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "junk" },
  ],
  [
    "info.peers.bad",
    "/ext/info",
    {
      method: "POST",
      headers: JSON_TYPE,
      body: '{"jsonrpc":"2.0","id":1,"method":"info.peers","params":{"nodeIDs":["NodeID-bad"]}}',
    },
  ],
  ["nope", "/ext/nope", {}],
])("%s is answered with the recorded status, headers and body", async (name, path, request) => {
  const expected = recordedAnswer(name);
  const response = await api().app.request(path, request);
  expect(response.status).toBe(expected.status);
  const { date, "content-length": length, ...headers } = expected.headers;
  expect(Object.fromEntries(response.headers)).toEqual(headers);
  expect((await response.text()).trim()).toBe(withoutSubMilliseconds(expected.body.trim()));
});
