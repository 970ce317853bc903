import { expect, setDefaultTimeout, test } from "bun:test";
import { EMPTY_ID } from "../../lib/core/ids/id.ts";
import { chainURLs } from "../../lib/tmpnet/chain_urls.ts";
import { writeSubnet } from "../../lib/tmpnet/disk/subnets.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { homeForEachTest } from "./home.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
const CHAIN = "2JVSBoinj9C2J33VntvzYtVJNZdN2NKiwwKjcumHUWEb5DbBrm";
const OTHER = "2oYMBNV4eNHyqk2fjjV5nVQLDbtmNJzq5s3qs3Lo6ftnC6FByM";
const SUBNET = "29uVeLPJB1eQJkzRemU8g8wZDw5uJRqpab5U2mX9euieVwiEbL";

function codeOf(look: () => unknown): string {
  try {
    look();
  } catch (error) {
    if (error instanceof TmpnetError) return `${error.type.code}: ${error.message} (${error.hint})`;
  }
  return "no error";
}

test("chains are on the nodes that run them, and on no others", async () => {
  await using network = await home.start({ nodeCount: 3 });
  const [first, second, third] = network.nodes;
  const chain = { vmID: CHAIN, config: "", genesis: "", versionArgs: [] };
  const subnet = { config: {}, subnetID: SUBNET, validatorIDs: [second!.nodeID] };
  writeSubnet(network.dir, { ...subnet, name: "a", chains: [{ ...chain, chainID: CHAIN }] });
  writeSubnet(network.dir, {
    ...subnet,
    name: "b",
    chains: [
      { ...chain, chainID: OTHER },
      { ...chain, chainID: EMPTY_ID },
    ],
  });

  expect(network.chainUrls("C").map(({ url }) => url)).toEqual(network.nodes.map(({ uri }) => `${uri}/ext/bc/C`));
  expect(network.chainRpcUrl("C")).toBe(`${first!.uri}/ext/bc/C/rpc`);
  const onSecond = [{ nodeID: second!.nodeID, url: `${second!.uri}/ext/bc/${CHAIN}` }];
  expect<unknown>(network.chainUrls("a")).toEqual(onSecond);
  expect<unknown>(network.chainUrls("a/0")).toEqual(onSecond);
  expect<unknown>(network.chainUrls(CHAIN)).toEqual(onSecond);
  expect(network.chainRpcUrl("b/0")).toBe(`${second!.uri}/ext/bc/${OTHER}/rpc`);
  expect(network.chainUrls(EMPTY_ID)).toHaveLength(3);

  // One that tracks it without being a validator runs it, too.
  await network.updateNode(third!.nodeID, (node) => ({ ...node, flags: { ...node.flags, "track-subnets": SUBNET } }));
  const runners = network.chainUrls("a").map(({ nodeID }) => nodeID);
  expect(runners.sort()).toEqual([second!.nodeID, third!.nodeID].sort());

  expect(codeOf(() => network.chainRpcUrl("b"))).toBe('no-chain: Subnet "b" has 2 chains (Say which: b/0, b/1)');
  expect(codeOf(() => network.chainRpcUrl("b/1"))).toContain('Subnet "b" has no chain number 1');
  expect(codeOf(() => network.chainRpcUrl("a/7"))).toContain('Subnet "a" has no chain number 7');
  expect(codeOf(() => network.chainRpcUrl("c"))).toBe(
    'no-chain: The network has no chain "c" (There are P, X, C, a, b; any other is called by its ID)',
  );
  writeSubnet(network.dir, {
    ...subnet,
    subnetID: OTHER,
    validatorIDs: [],
    name: "c",
    chains: [{ ...chain, chainID: CHAIN }],
  });
  expect(codeOf(() => network.chainRpcUrl("c"))).toContain("No node of the network validates or tracks");
  await second!.stop();
  await third!.stop();
  expect(codeOf(() => chainURLs(network, "a"))).toContain("No node runs that has chain a");
});

test("avx's own nodes have no chains", async () => {
  await using network = await Network.start({ nodeCount: 1 }, { waitForHealth: false }, { env: home.env });
  expect(codeOf(() => network.chainRpcUrl("C"))).toContain("avx's own nodes run no chains");
});
