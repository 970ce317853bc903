/**
 * `/ext/health`: readiness, health and liveness, by GET and by JSON-RPC (upstream `api/health/handler.go`).
 *
 * By GET an unhealthy node answers 503; by POST always 200.
 *
 * @module
 */

import {
  decodeArray,
  decodeObject,
  decodeString,
  type FieldDecoder,
  unmarshal,
} from "../../platform/go_json/decode.ts";
import { formatGoJSON, type GoJSONValue } from "../../platform/go_json/format.ts";
import type { JSONNode } from "../../platform/go_json/parse.ts";
import { checkResultToJSON } from "../health/check.ts";
import type { HealthReport } from "../health/worker.ts";
import { method, type RPCService } from "./json_rpc.ts";

/** Gives the last findings of the checks with these tags: of all where there are none. */
export type Report = (tags: readonly string[]) => HealthReport;

/** What the API asks of the node behind it. */
export interface HealthSource {
  readonly readiness: { readonly report: Report };
  readonly health: { readonly report: Report };
  readonly liveness: { readonly report: Report };
}

/** The methods of the service. */
export function healthService(source: HealthSource): RPCService {
  const reporting = (kind: keyof HealthSource) => method(readTags, (tags) => reportToJSON(source[kind].report(tags)));
  return { readiness: reporting("readiness"), health: reporting("health"), liveness: reporting("liveness") };
}

/** The answer to a GET: the tags are the query's. */
export function healthResponse(request: Request, report: Report): Response {
  // Not by way of URL: the host in it may be anything that a client wrote.
  const query = request.url.indexOf("?");
  const tags = query === -1 ? [] : new URLSearchParams(request.url.slice(query)).getAll("tag");
  const found = report(tags);
  return new Response(`${formatGoJSON(reportToJSON(found))}\n`, {
    status: found.healthy ? 200 : 503,
    headers: { "content-type": "application/json" },
  });
}

function reportToJSON({ checks, healthy }: HealthReport): GoJSONValue {
  const entries = [...checks].map(([name, result]) => [name, checkResultToJSON(result)]);
  // What checks find is made by this program's own rooms, of values that JSON has.
  return { checks: Object.fromEntries(entries) as GoJSONValue, healthy };
}

function readTags(args: JSONNode | undefined): readonly string[] {
  let tags: readonly string[] = [];
  const read: FieldDecoder = (node, place) => {
    tags = decodeArray(node, place, "[]string").map((item) => decodeString(item, place, ""));
  };
  unmarshal((place) => args && decodeObject(args, place, "health.APIArgs", { tags: read }));
  return tags;
}
