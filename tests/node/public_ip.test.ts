/** Who is asked for a node's public IP, on 127.0.0.1; and how peers hear of it. */

import { afterAll, describe, expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { type AddrPort, formatAddrPort } from "../../lib/core/ip.ts";
import { createLogger } from "../../lib/core/log.ts";
import { NodeError } from "../../lib/node/errors.ts";
import { Node } from "../../lib/node/node.ts";
import { askPublicIP, guessPublicIP, PUBLIC_IP_SOURCES, type PublicIPSources } from "../../lib/node/public_ip.ts";
import { PublicIPUpdater } from "../../lib/node/public_ip_updater.ts";
import { startDNSServer } from "../support/dns_server.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

let page: (request: Request) => Response | Promise<Response> = () => new Response("nothing was set");
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => page(request) });
const here = `http://127.0.0.1:${server.port}`;
const SOURCES: PublicIPSources = {
  pages: { ifconfigco: `${here}/co`, ifconfigme: `${here}/me` },
  nameServers: ["127.0.0.1:1"],
};

/** Flags of a local node but for its public IP. */
const { "public-ip": _, ...WITHOUT_IP }: Record<string, string> = { ...LOOPBACK, "network-id": "local" };

afterAll(() => server.stop(true));

async function refusal(attempt: Promise<string>): Promise<NodeError> {
  const thrown = await attempt.then(
    (ip) => new Error(`it is ${ip}`),
    (error: unknown) => error,
  );
  if (!(thrown instanceof NodeError)) throw thrown;
  return thrown;
}

describe("a page", () => {
  test.each([
    ["203.0.113.7\n", "203.0.113.7"],
    ["  2001:DB8:0:0::1 \r\n", "2001:db8::1"],
  ])("that says %j is believed", async (text, ip) => {
    const asked: string[] = [];
    page = (request) => {
      asked.push(new URL(request.url).pathname);
      return new Response(text);
    };
    expect(await askPublicIP("ifconfigco", SOURCES)).toBe(ip);
    expect(await askPublicIP("ifconfigme", SOURCES)).toBe(ip);
    expect(asked).toEqual(["/co", "/me"]);
  });

  test.each([
    ["nothing", () => new Response("")],
    ["HTML", () => new Response("<html>203.0.113.7</html>")],
    ["an IP with a port", () => new Response("203.0.113.7:80")],
    ["an error", () => new Response("Too Many Requests", { status: 429 })],
    ["a book that begins with an IP", () => new Response(`203.0.113.7${" ".repeat(1_000_000)}`)],
  ])("that says %s is not", async (_, answer) => {
    page = answer;
    const error = await refusal(askPublicIP("ifconfigco", SOURCES));
    expect(error.type).toEqual({ code: "public-ip", service: "ifconfigco" });
    expect(error.hint).toContain("public-ip");
    expect(error.message.length).toBeLessThan(1_500);
  });

  test("that does not answer is given up, and so is one that is asked no more", async () => {
    page = () => new Promise<Response>(() => {});
    const late = await refusal(askPublicIP("ifconfigme", SOURCES, { timeoutMs: 30 }));
    expect(late.message).toBe("ifconfigme did not say what the public IP is: no answer in 30 ms");
    const closing = new AbortController();
    const asking = refusal(askPublicIP("ifconfigme", SOURCES, { signal: closing.signal }));
    closing.abort();
    expect((await asking).type.code).toBe("public-ip");
  });

  test("that is not there is named", async () => {
    const nowhere = { ...SOURCES, pages: { ...SOURCES.pages, ifconfigco: "http://127.0.0.1:1" } };
    expect((await refusal(askPublicIP("ifconfigco", nowhere))).message).toContain("ifconfigco");
  });
});

describe("a name server", () => {
  test("is asked for the name that stands for the asker", async () => {
    await using dns = await startDNSServer("203.0.113.9");
    const sources = { ...SOURCES, nameServers: [dns.address] };
    expect(await askPublicIP("opendns", sources)).toBe("203.0.113.9");
    expect(dns.questions).toEqual(["A myip.opendns.com"]);
    dns.ips = ["2001:db8::9"];
    expect(await askPublicIP("opendns", sources)).toBe("2001:db8::9");
    expect(dns.questions.at(-1)).toBe("AAAA myip.opendns.com");
  });

  test("that knows no address, or does not answer, is named", async () => {
    await using dns = await startDNSServer();
    const sources = { ...SOURCES, nameServers: [dns.address] };
    expect((await refusal(askPublicIP("opendns", sources))).type).toEqual({ code: "public-ip", service: "opendns" });
    dns.answers = false;
    const late = await refusal(askPublicIP("opendns", sources, { timeoutMs: 50 }));
    expect(late.message).toBe("opendns did not say what the public IP is: no answer in 50 ms");
    const over = AbortSignal.abort();
    expect((await refusal(askPublicIP("opendns", sources, { signal: over }))).type.code).toBe("public-ip");
  });
});

test("the services are the reference's", () => {
  expect(PUBLIC_IP_SOURCES).toEqual({
    pages: { ifconfigco: "http://ifconfig.co", ifconfigme: "http://ifconfig.me" },
    nameServers: ["208.67.222.222", "208.67.220.220"],
  });
});

test("without a service an address is guessed: the one that is listened on, where it is one", () => {
  expect(guessPublicIP("192.0.2.1")).toBe("192.0.2.1");
  expect(guessPublicIP("0.0.0.0")).not.toBe("0.0.0.0");
  expect(guessPublicIP("::")).not.toBe("::");
});

describe("an updater", () => {
  function updater() {
    const clock = new ManualClock();
    const network = { publicAddress: { ip: "192.0.2.1", port: 9651 } as AddrPort };
    const asked: { resolve: (ip: string) => void; reject: (error: Error) => void; signal: AbortSignal }[] = [];
    const ask = (signal: AbortSignal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      asked.push({ resolve, reject, signal });
      return promise;
    };
    const lines: string[] = [];
    const log = createLogger((level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`));
    return { updater: new PublicIPUpdater({ clock, log, ask, network }, 1_000), clock, network, asked, lines };
  }

  test("changes the IP and keeps the port, one asking at a time", async () => {
    const { clock, network, asked, lines } = updater();
    expect(asked).toEqual([]);
    await clock.runFor(3_500);
    expect(asked).toHaveLength(1);
    asked[0]!.resolve("192.0.2.1");
    await clock.runFor(1_000);
    expect(lines).toEqual([]);
    asked[1]!.resolve("192.0.2.2");
    await clock.runFor(0);
    expect(network.publicAddress).toEqual({ ip: "192.0.2.2", port: 9651 });
    expect(lines).toEqual(['info updated public IP {"oldIP":"192.0.2.1","newIP":"192.0.2.2"}']);
  });

  test("leaves the IP as it is where nobody says another, and goes on asking", async () => {
    const { clock, network, asked, lines } = updater();
    await clock.runFor(1_000);
    asked[0]!.reject(new Error("oh"));
    await clock.runFor(1_000);
    expect(asked).toHaveLength(2);
    expect(network.publicAddress.ip).toBe("192.0.2.1");
    expect(lines).toEqual(['warn could not find out the public IP: peers may be told an old one {"error":"oh"}']);
  });

  test("gives up once it is disposed of, whatever comes later", async () => {
    const { updater: it, clock, network, asked, lines } = updater();
    await clock.runFor(1_000);
    it[Symbol.dispose]();
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.resolve("192.0.2.9");
    await clock.runFor(10_000);
    expect([network.publicAddress.ip, asked.length, lines.length, clock.pendingTimers]).toEqual(["192.0.2.1", 1, 0, 0]);
  });
});

test("peers are told of a new IP at their next handshake, signed anew", async () => {
  using directory = temporaryDirectory();
  const flags = { ...WITHOUT_IP, "sybil-protection-enabled": "false" };
  let ip = "203.0.113.1";
  page = () => new Response(ip);
  await using node = await Node.start(
    nodeConfig({
      ...flags,
      "data-dir": directory.join("node"),
      "public-ip-resolution-service": "ifconfigCo",
      "public-ip-resolution-frequency": "20ms",
      "network-inbound-connection-throttling-cooldown": "0s",
    }),
    { publicIPSources: SOURCES },
  );
  expect(node.network.publicAddress).toEqual({ ip, port: node.stakingAddress.port });
  const peer = (name: string) =>
    Node.start(
      nodeConfig({
        ...flags,
        "public-ip": "127.0.0.1",
        "data-dir": directory.join(name),
        "bootstrap-ips": formatAddrPort(node.stakingAddress),
        "bootstrap-ids": node.nodeID,
      }),
    );
  const told = (by: Node) => by.network.peerInfo()[0]?.publicIP.ip;
  await using first = await peer("first");
  await eventually("the first peer is told", () => told(first) === "203.0.113.1");

  // The next signature is of a later second: peers take nothing that is not newer.
  await Bun.sleep(1_000 - (Date.now() % 1_000));
  ip = "203.0.113.2";
  await eventually("the node has the new IP", () => node.network.publicAddress.ip === ip);
  await using second = await peer("second");
  await eventually("the second peer is told", () => told(second) === "203.0.113.2");
  expect(told(first)).toBe("203.0.113.1");
});

test("a node whose public IP nobody tells does not start", async () => {
  using directory = temporaryDirectory();
  page = () => new Response("who knows");
  const config = nodeConfig({
    ...WITHOUT_IP,
    "data-dir": directory.join("node"),
    "public-ip-resolution-service": "ifconfigme",
  });
  const starting = Node.start(config, { publicIPSources: SOURCES });
  expect(starting).rejects.toThrow("ifconfigme did not say what the public IP is");
  await starting.catch(() => {});
});
