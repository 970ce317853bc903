import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ManualClock } from "../../../lib/core/clock.ts";
import { idFromBytes, idToBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { formatAddrPort } from "../../../lib/core/ip.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Node } from "../../../lib/node/node.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, callNode, nodeConfig, testNetwork } from "../support.ts";
import { startedNode } from "./started.ts";
import { CHAIN, World } from "./world.ts";

const SUBNET = idFromBytes(new Uint8Array(32).fill(7));

test("network-id is the network whose nodes are let in", async () => {
  const isLetIn = async (flags: Record<string, string>): Promise<boolean> => {
    await using world = new World();
    const node = await world.node(flags);
    return await world.peer(node, { networkID: 88_888, timeoutMs: 200 }).then(
      () => true,
      () => false,
    );
  };
  expect([await isLetIn({}), await isLetIn({ "network-id": "network-77" })]).toEqual([true, false]);
});

test("genesis-file says who validates, and genesis-file-content goes before it", async () => {
  using directory = temporaryDirectory();
  const [one, other] = [testNetwork(1), testNetwork(1)];
  const content = (network: typeof one): string => network.flags["genesis-file-content"] as string;
  const path = directory.join("genesis.json");
  writeFileSync(path, Buffer.from(content(one), "base64"));
  const validates = async (flags: Record<string, string>): Promise<string[]> => {
    await using started = await startedNode({ "network-id": "88888", "genesis-file": path, ...flags });
    return [...started.node.validators.validators(PRIMARY_NETWORK_ID)].map(({ nodeID }) => nodeID);
  };
  expect(await validates({})).toEqual([one.stakers[0]!.nodeID]);
  expect(await validates({ "genesis-file-content": content(other) })).toEqual([other.stakers[0]!.nodeID]);
});

test("upgrade-file and upgrade-file-content say when upgrades come", async () => {
  using directory = temporaryDirectory();
  const path = directory.join("upgrade.json");
  writeFileSync(path, JSON.stringify({ graniteTime: "2031-01-01T00:00:00Z" }));
  const own = { ...testNetwork(1).flags };
  const granite = async (flags: Record<string, string>): Promise<string> => {
    await using started = await startedNode({ ...own, ...flags });
    return (await callNode<{ graniteTime: string }>(started.node.uri, "info.upgrades")).graniteTime;
  };
  expect(await granite({ "upgrade-file": path })).toBe("2031-01-01T00:00:00Z");
  const content = base64(JSON.stringify({ graniteTime: "2032-01-01T00:00:00Z" }));
  expect(await granite({ "upgrade-file-content": content })).toBe("2032-01-01T00:00:00Z");
});

test("bootstrap-ips and bootstrap-ids, and state-sync-ips and state-sync-ids, are dialled", async () => {
  await using there = await startedNode({ "sybil-protection-enabled": "false" });
  const { stakingAddress, nodeID } = there.node;
  for (const kind of ["bootstrap", "state-sync"]) {
    const flags = { [`${kind}-ips`]: formatAddrPort(stakingAddress), [`${kind}-ids`]: nodeID };
    await using started = await startedNode({ "sybil-protection-enabled": "false", ...flags });
    await eventually("they are connected", () => started.node.network.peerInfo().length === 1);
    expect(started.node.network.peerInfo()[0]?.nodeID).toBe(nodeID);
  }
});

test("after bootstrap-beacon-connection-timeout a node says that it found too few", async () => {
  const flags = { "bootstrap-ips": "127.0.0.1:9", "bootstrap-ids": newTLSCert().certificate.nodeID };
  for (const [timeout, expected] of [
    ["3s", true],
    ["1h", false],
  ] as const) {
    const clock = new ManualClock(Date.now());
    await using started = await startedNode({ ...flags, "bootstrap-beacon-connection-timeout": timeout }, { clock });
    clock.advance(4_000);
    expect(started.log().includes("failed to connect to enough bootstrappers")).toBe(expected);
  }
});

/** What a node with these flags says of itself in its Handshake. */
async function handshake(flags: Record<string, string>) {
  await using world = new World();
  const peer = await world.peer(await world.node(flags));
  return peer.handshake;
}

test("peers are told of track-subnets, acp-support and acp-object", async () => {
  const told = await handshake({ "track-subnets": SUBNET, "acp-support": "500,501", "acp-object": "502" });
  expect(told?.trackedSubnets).toEqual([idToBytes(SUBNET)]);
  expect([told?.supportedAcps, told?.objectedAcps]).toEqual([[500, 501], [502]]);
  const silent = await handshake({});
  expect([silent?.trackedSubnets, silent?.supportedAcps, silent?.objectedAcps]).toEqual([[], [], []]);
});

test("with network-connect-to-all-validators peers are asked for those of all subnets", async () => {
  expect((await handshake({ "network-connect-to-all-validators": "true" }))?.allSubnets).toBe(true);
  expect((await handshake({}))?.allSubnets).toBe(false);
});

test("staking-host and staking-port are listened on", async () => {
  await using first = await startedNode({ "staking-host": "127.0.0.2" });
  expect(first.node.stakingAddress.ip).toBe("127.0.0.2");
  const { port } = first.node.stakingAddress;
  await using second = await startedNode({ "staking-host": "127.0.0.1", "staking-port": String(port) });
  expect(second.node.stakingAddress).toEqual({ ip: "127.0.0.1", port });
});

test("public-ip is the IP that peers are told", async () => {
  await using started = await startedNode({ "public-ip": "203.0.113.9" });
  expect(started.node.network.publicAddress.ip).toBe("203.0.113.9");
  expect(await callNode<object>(started.node.uri, "info.getNodeIP")).toEqual({
    ip: `203.0.113.9:${started.node.stakingAddress.port}`,
  });
});

test("sybil-protection-disabled-weight is what every peer weighs without sybil-protection-enabled", async () => {
  const weigh = async (flags: Record<string, string>): Promise<bigint> => {
    await using world = new World();
    const node = await world.node(flags);
    await world.peer(node);
    return node.validators.totalWeight(PRIMARY_NETWORK_ID);
  };
  const off = { "sybil-protection-enabled": "false" };
  expect(await weigh({ ...off, "sybil-protection-disabled-weight": "7" })).toBe(14n);
  expect(await weigh(off)).toBe(200n);
  expect(await weigh({})).toBe(0n);
});

test("stake earns rewards whose uptime its peers see at uptime-requirement or above", async () => {
  const rewarding = async (requirement: string): Promise<number> => {
    await using world = new World();
    const [me, other] = [newTLSCert(), newTLSCert()];
    const validators = new Map([me, other].map((cert) => [cert, 100n]));
    const node = await world.node({ "uptime-requirement": requirement }, { tlsCert: me, validators });
    const peer = await world.peer(node, { tlsCert: other });
    peer.send(peer.build.ping(70));
    await world.during(peer.next(Op.Pong));
    return node.network.nodeUptime().rewardingStakePercentage;
  };
  expect(await rewarding("0.6")).toBeGreaterThan(await rewarding("0.8"));
});

test("more stake must be connected where snow-quorum-size or snow-confidence-quorum-size is a larger part of snow-sample-size", async () => {
  using directory = temporaryDirectory();
  const network = testNetwork(4);
  const [a, b, c] = network.stakers;
  await using nodes = new AsyncDisposableStack();
  const start = async (name: string, flags: Record<string, string>, ...others: Node[]): Promise<Node> => {
    const bootstrap = {
      "bootstrap-ips": others.map(({ stakingAddress }) => formatAddrPort(stakingAddress)).join(),
      "bootstrap-ids": others.map(({ nodeID }) => nodeID).join(),
    };
    const all = { ...network.flags, ...bootstrap, ...flags, "data-dir": directory.join(name) };
    return nodes.use(await Node.start(nodeConfig(all)));
  };
  // Three of four: 75% of the stake.
  const others = [await start("a", a!.flags)];
  others.push(await start("b", b!.flags, ...others));
  for (const [i, [flags, isHealthy]] of (
    [
      [{ "snow-confidence-quorum-size": "20" }, false],
      [{ "snow-quorum-size": "11" }, true],
      [{ "snow-preference-quorum-size": "51", "snow-confidence-quorum-size": "51", "snow-sample-size": "100" }, true],
    ] as const
  ).entries()) {
    await using node = await start(`c${i}`, { ...c!.flags, ...flags }, ...others);
    await eventually("all are connected", () => node.network.peerInfo().length === 2);
    await eventually(`it is ${isHealthy ? "" : "not "}enough`, async () => {
      const response = await fetch(`${node.uri}/ext/health`);
      const { checks } = (await response.json()) as { checks: Record<string, { error?: string; message?: unknown }> };
      const { validators } = checks as { validators?: { error?: string; message?: { percentConnected?: number } } };
      return validators?.message?.percentConnected === 0.75 && (validators.error === undefined) === isHealthy;
    });
    await node.close();
    await eventually("it is gone", () => others.every(({ network }) => network.peerInfo().length === 1));
  }
}, 30_000);

test("app messages of a chain are handled consensus-app-concurrency at a time", async () => {
  for (const concurrency of [1, 5]) {
    await using world = new World();
    const node = await world.node({ "consensus-app-concurrency": String(concurrency) });
    let running = 0;
    const { promise: end, resolve } = Promise.withResolvers<void>();
    node.addChain(CHAIN, () => ({
      appRequest: async () => {
        running++;
        await end;
      },
    }));
    const peer = await world.peer(node);
    const chain = idToBytes(CHAIN.chainID);
    for (let i = 0; i < 10; i++) peer.send(peer.build.appRequest(chain, i, 10_000_000_000n, new Uint8Array(1)));
    await world.clock.runFor(100);
    expect(running).toBe(concurrency);
    resolve();
  }
});

test("a chain that does not stop is waited for as long as consensus-shutdown-timeout says", async () => {
  for (const [timeout, ms] of [
    ["2s", 2_000],
    ["30s", 30_000],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "consensus-shutdown-timeout": timeout });
    const { promise: end, resolve } = Promise.withResolvers<void>();
    node.addChain(CHAIN, () => ({ shutdown: () => end }));
    let isStopped = false;
    const stopped = node.routing.removeChain(CHAIN.chainID).then(() => {
      isStopped = true;
    });
    await world.clock.runFor(ms - 1);
    expect(isStopped).toBe(false);
    await world.clock.runFor(1);
    await stopped;
    resolve();
  }
});

test("chains have the names that chain-aliases-file and chain-aliases-file-content give them", async () => {
  using directory = temporaryDirectory();
  const path = directory.join("aliases.json");
  const aliases = (name: string): string => JSON.stringify({ [CHAIN.chainID]: [name] });
  writeFileSync(path, aliases("from-file"));
  const found = async (flags: Record<string, string>, alias: string): Promise<string | undefined> => {
    await using started = await startedNode(flags);
    const result = await callNode<{ blockchainID: string } | undefined>(started.node.uri, "info.getBlockchainID", {
      alias,
    });
    return result?.blockchainID;
  };
  expect(await found({ "chain-aliases-file": path }, "from-file")).toBe(CHAIN.chainID);
  const content = { "chain-aliases-file": path, "chain-aliases-file-content": base64(aliases("from-content")) };
  expect(await found(content, "from-content")).toBe(CHAIN.chainID);
  expect(await found(content, "from-file")).toBeUndefined();
});

test("a genesis that locks stake for longer than max-stake-duration is refused", () => {
  const { flags } = testNetwork(1);
  expect(() => nodeConfig({ ...flags, "max-stake-duration": "24h" })).toThrow("stake duration");
  expect(nodeConfig(flags).genesis).toBeDefined();
});

test("tx-fee and create-asset-tx-fee are what info.getTxFee tells", async () => {
  await using started = await startedNode({ "tx-fee": "5", "create-asset-tx-fee": "18446744073709551615" });
  expect(await callNode<object>(started.node.uri, "info.getTxFee")).toMatchObject({
    txFee: "5",
    createAssetTxFee: "18446744073709551615",
  });
});
