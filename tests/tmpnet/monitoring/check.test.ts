/** The question whether anything has arrived, asked of servers that answer, answer late, and answer nonsense. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../lib/core/clock.ts";
import { TmpnetError } from "../../../lib/tmpnet/errors.ts";
import { collectedQuery, waitForCollected, whereToAsk } from "../../../lib/tmpnet/monitoring/check.ts";
import { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../../lib/tmpnet/monitoring/collectors.ts";
import { queryTarget } from "../../../lib/tmpnet/monitoring/targets.ts";

setDefaultTimeout(30_000);

const LABELS = { network_uuid: "e8ff37d9" };

let server: ReturnType<typeof Bun.serve> | undefined;
afterEach(() => server?.stop(true));

/** A server of metrics or logs. @returns Its URL. */
function serve(answer: (request: Request) => Response | Promise<Response>): string {
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  return `http://127.0.0.1:${server.port}`;
}

const matrix = (...values: [number, string][]) =>
  Response.json({
    status: "success",
    data: { resultType: "matrix", result: values.length ? [{ metric: {}, values }] : [] },
  });
const vector = (value: unknown) => Response.json({ status: "success", data: { result: [{ metric: {}, value }] } });

/** Asks until half a second has passed on a clock that does not wait. */
function ask(collector: Collector, url: string, onProblem?: (problem: string) => void) {
  const clock = { ...systemClock, setTimeout: (fn: () => void) => systemClock.setTimeout(fn, 1) };
  return waitForCollected(collector, { url, username: "me", password: "pä:ss" }, LABELS, {
    timeoutMs: 500,
    clock,
    onProblem,
  });
}

async function errorOf(attempt: Promise<unknown>): Promise<TmpnetError> {
  const thrown = await attempt.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TmpnetError);
  return thrown as TmpnetError;
}

test("Prometheus is asked for the last hour, by name and password, and its newest value counts", async () => {
  const seen: { url: URL; authorization: string | null }[] = [];
  const url = serve((request) => {
    seen.push({ url: new URL(request.url), authorization: request.headers.get("authorization") });
    return matrix([1, "5"], [2, "181"]);
  });
  const query = 'count({network_uuid="e8ff37d9"})';
  expect(await ask(METRICS_COLLECTOR, `${url}/prom`)).toEqual({ count: 181, url: `${url}/prom`, query });
  const { url: asked, authorization } = seen[0]!;
  expect(asked.pathname).toBe("/prom/api/v1/query_range");
  expect(asked.searchParams.get("query")).toBe(query);
  expect(Number(asked.searchParams.get("end")) - Number(asked.searchParams.get("start"))).toBe(3600);
  expect(authorization).toBe(`Basic ${Buffer.from("me:pä:ss").toString("base64")}`);
});

test("Loki is asked for lines, and answers in any way that is a number", async () => {
  let path = "";
  const url = serve((request) => {
    path = request.url.slice(url.length);
    return vector([1795258069.9, "1.2e+3"]);
  });
  expect(await ask(LOGS_COLLECTOR, `${url}/loki/api/v1`)).toMatchObject({
    count: 1200,
    query: 'sum(count_over_time({network_uuid="e8ff37d9"}[1h]))',
  });
  expect(path).toStartWith("/loki/api/v1/query?query=sum%28count_over_time");
});

test("what is not there yet is waited for", async () => {
  let times = 0;
  const problems: string[] = [];
  const url = serve(() => {
    times++;
    if (times === 1) return new Response("starting", { status: 503 });
    if (times === 2) return matrix();
    return times === 3 ? matrix([1, "0"]) : matrix([1, "7"]);
  });
  expect(await ask(METRICS_COLLECTOR, url, (problem) => problems.push(problem))).toMatchObject({ count: 7 });
  expect(problems).toEqual([`${url} answered with HTTP status 503: starting`]);
});

test("nothing in time is an error that says where and what was asked", async () => {
  const url = serve(() => matrix());
  const error = await errorOf(ask(METRICS_COLLECTOR, url));
  expect(error.type).toEqual({ code: "not-collected", url });
  expect(error.message).toContain(`No metrics were found at ${url}`);
  expect(error.message).toContain('count({network_uuid="e8ff37d9"})');
});

test("a last question that is cut off by the end of the wait does not hide what the others were told", async () => {
  let nowMs = 0;
  const url = serve(() => {
    nowMs += 300;
    // The second question comes at 300 of 500 ms, and is answered after the end.
    return nowMs > 300 ? new Promise<Response>(() => {}) : matrix();
  });
  const clock = {
    ...systemClock,
    monotonic: () => nowMs,
    setTimeout: (fn: () => void) => systemClock.setTimeout(fn, 1),
  };
  const error = await errorOf(waitForCollected(METRICS_COLLECTOR, { url }, LABELS, { timeoutMs: 500, clock }));
  expect(error.type).toEqual({ code: "not-collected", url });
});

test.each<[string, () => Response]>([
  ["an error", () => new Response("no\u001b[31m such user", { status: 401 })],
  ["a page", () => new Response("<html>\n<body>Grafana</body>")],
  ["JSON of another kind", () => Response.json([1, 2])],
  ["null", () => Response.json(null)],
  ["a value that is none", () => vector("x")],
  ["a number that is none", () => vector([1, "many"])],
  ["no end", () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1 << 20)) }))],
])("%s is no answer, and is told", async (_, answer) => {
  const url = serve(answer);
  const { type, message } = await errorOf(ask(LOGS_COLLECTOR, url));
  expect(type).toMatchObject({ code: "not-collected", url });
  expect((type as { problem?: string }).problem).toContain(url);
  expect(message).not.toContain("\u001b");
});

test("a server that does not answer, or is not there, ends the question in time", async () => {
  const url = serve(() => new Promise<Response>(() => {}));
  expect((await errorOf(ask(METRICS_COLLECTOR, url))).type.code).toBe("not-collected");
  expect((await errorOf(ask(METRICS_COLLECTOR, "http://127.0.0.1:1"))).type.code).toBe("not-collected");
});

test("a question is given up on a signal", async () => {
  const controller = new AbortController();
  const url = serve(() => new Promise<Response>(() => controller.abort()));
  const asked = waitForCollected(METRICS_COLLECTOR, { url }, LABELS, { signal: controller.signal });
  expect((await errorOf(asked)).type.code).toBe("interrupted");
});

test("labels are data in the question", () => {
  expect(collectedQuery(METRICS_COLLECTOR, { a: 'x"} or vector(1) #', b: "\\" })).toBe(
    'count({a="x\\"} or vector(1) #",b="\\\\"})',
  );
});

test("where to ask comes from the environment, and a password in a URL is not shown", () => {
  expect(queryTarget(METRICS_COLLECTOR, { PROMETHEUS_URL: "http://u:p%3A@host:1/x/" })).toEqual({
    url: "http://host:1/x",
    username: "u",
    password: "p:",
  });
  const env = { LOKI_URL: "https://host/loki", LOKI_USERNAME: "me", LOKI_PASSWORD: "so", HOME: "/nowhere" };
  expect(whereToAsk(LOGS_COLLECTOR, { env })).toEqual({ url: "https://host/loki", username: "me", password: "so" });
  expect(() => whereToAsk(METRICS_COLLECTOR, { env })).toThrow("PROMETHEUS_URL is not set");
  for (const bad of ["host", "ftp://host", "file:///etc/passwd", "http://%zz@h"]) {
    expect(() => queryTarget(METRICS_COLLECTOR, { PROMETHEUS_URL: bad })).toThrow(TmpnetError);
  }
});
