import { expect, test } from "bun:test";
import { MAX_BODY_BYTES } from "../../../lib/node/api/body.ts";
import { api, post } from "./support.ts";

const INVALID_ARGUMENT =
  "couldn't unmarshal an argument. Ensure arguments are valid and properly formatted. See documentation for example calls";
const NOTHING = '{"jsonrpc":"","method":"","params":null,"id":null}';

/** What avalanchego 1.14.2 answered to these bodies, recorded from a running node. */
const RECORDED: readonly [body: string, answer: string][] = [
  ["", `{"jsonrpc":"2.0","error":{"code":-32700,"message":"EOF","data":${NOTHING}},"id":null}`],
  ["{", `{"jsonrpc":"2.0","error":{"code":-32700,"message":"unexpected EOF","data":${NOTHING}},"id":null}`],
  [
    "[]",
    `{"jsonrpc":"2.0","error":{"code":-32700,"message":"json: cannot unmarshal array into Go value of type json2.serverRequest","data":${NOTHING}},"id":null}`,
  ],
  [
    "5",
    `{"jsonrpc":"2.0","error":{"code":-32700,"message":"json: cannot unmarshal number into Go value of type json2.serverRequest","data":${NOTHING}},"id":null}`,
  ],
  [
    "nope",
    `{"jsonrpc":"2.0","error":{"code":-32700,"message":"invalid character 'o' in literal null (expecting 'u')","data":${NOTHING}},"id":null}`,
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":5}',
    '{"jsonrpc":"2.0","error":{"code":-32700,"message":"json: cannot unmarshal number into Go struct field serverRequest.method of type string","data":{"jsonrpc":"2.0","method":"","params":null,"id":1}},"id":1}',
  ],
  [
    '{"id":1,"method":"info.getNodeID"}',
    '{"jsonrpc":"2.0","error":{"code":-32600,"message":"jsonrpc must be 2.0","data":{"jsonrpc":"","method":"info.getNodeID","params":null,"id":1}},"id":1}',
  ],
  [
    '{"jsonrpc":"1.0","id":"a","method":"info.getNodeID"}',
    '{"jsonrpc":"2.0","error":{"code":-32600,"message":"jsonrpc must be 2.0","data":{"jsonrpc":"1.0","method":"info.getNodeID","params":null,"id":"a"}},"id":"a"}',
  ],
  [
    '{"jsonrpc":"2.0","id":1.0,"method":"info.getNetworkID"} trailing',
    '{"jsonrpc":"2.0","result":{"networkID":"88888"},"id":1.0}',
  ],
  [
    '{"jsonrpc":"2.0","id":{"a": 1},"method":"info.getNetworkID","params":[]}',
    '{"jsonrpc":"2.0","result":{"networkID":"88888"},"id":{"a":1}}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.GetNodeID"}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"method must start with a non-uppercase letter","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"getNodeID"}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"rpc: service/method request ill-formed: \\"getNodeID\\"","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info."}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"rpc: can\'t find method \\"info.\\"","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.a.b"}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"rpc: service/method request ill-formed: \\"info.A.b\\"","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"Info.getNodeID"}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"rpc: can\'t find service \\"Info.GetNodeID\\"","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.éa"}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"rpc: can\'t find method \\"info.Éa\\"","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.getNodeID","params":5}',
    `{"jsonrpc":"2.0","error":{"code":-32000,"message":"${INVALID_ARGUMENT}","data":null},"id":1}`,
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.getNodeID","params":[5]}',
    `{"jsonrpc":"2.0","error":{"code":-32000,"message":"${INVALID_ARGUMENT}","data":null},"id":1}`,
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.getNetworkID","params":[{},5]}',
    '{"jsonrpc":"2.0","result":{"networkID":"88888"},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.getNetworkID","params":null}',
    '{"jsonrpc":"2.0","result":{"networkID":"88888"},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.isBootstrapped","params":{"CHAIN":"Q<>"}}',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"there is no chain with alias/ID \'Q\\u003c\\u003e\'","data":null},"id":1}',
  ],
  [
    '{"jsonrpc":"2.0","id":1,"method":"info.peers","params":{"nodeIDs":["NodeID-x"]}}',
    `{"jsonrpc":"2.0","error":{"code":-32000,"message":"${INVALID_ARGUMENT}","data":null},"id":1}`,
  ],
];

test.each(RECORDED)("%p is answered as avalanchego answers it", async (body, answer) => {
  const { response, text } = await post(api().app, "/ext/info", body);
  expect(response.status).toBe(200);
  expect(text).toBe(`${answer}\n`);
});

test("a request without ID is carried out and answered with nothing", async () => {
  const { app } = api();
  for (const body of [
    '{"jsonrpc":"2.0","method":"info.getNodeID"}',
    '{"jsonrpc":"2.0","id":null,"method":"info.nope"}',
  ]) {
    const { response, text } = await post(app, "/ext/info", body);
    expect(response.status).toBe(200);
    expect(response.headers.has("content-type")).toBe(false);
    expect(text).toBe("");
  }
});

test("names that every object has are no methods", async () => {
  const { text } = await post(api().app, "/ext/info", '{"jsonrpc":"2.0","id":1,"method":"info.constructor"}');
  expect(text).toContain("can't find method");
});

test.each(["PUT", "DELETE", "OPTIONS", "GET"])("%s is refused with 405", async (method) => {
  const response = await api().app.request("/ext/info", { method });
  expect(response.status).toBe(405);
  expect(await response.text()).toBe(`rpc: POST method required, received ${method}`);
});

test("HEAD of health is refused, of liveness answered", async () => {
  const { app } = api();
  expect((await app.request("/ext/health", { method: "HEAD" })).status).toBe(405);
  expect((await app.request("/ext/health/liveness", { method: "HEAD" })).status).toBe(200);
});

test.each([
  ["application/json", 200],
  ["APPLICATION/JSON; charset=utf-8", 200],
  ["text/plain", 415],
  ["application/json ", 200],
  ["application/jsonx", 415],
])("the content type %p gives %d", async (type, status) => {
  const response = await api().app.request("/ext/info", {
    method: "POST",
    headers: { "content-type": type },
    body: "{}",
  });
  expect(response.status).toBe(status);
});

test("a body without content type is refused", async () => {
  const response = await api().app.request("/ext/info", { method: "POST", body: new Uint8Array([0x7b, 0x7d]) });
  expect(response.status).toBe(415);
});

test("a body that is too long is refused, whether it says so or not", async () => {
  const { app } = api();
  const long = " ".repeat(MAX_BODY_BYTES + 1);
  expect((await post(app, "/ext/info", long)).response.status).toBe(413);
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  const response = await app.request("/ext/info", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: stream,
    duplex: "half",
  } as RequestInit);
  expect(response.status).toBe(413);
});

test("a body that does not come is waited for as long as was allowed", async () => {
  const { app } = api({}, { readTimeoutMs: 20 });
  const response = await app.request("/ext/info", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new ReadableStream({ start() {} }),
    duplex: "half",
  } as RequestInit);
  expect(response.status).toBe(408);
});
