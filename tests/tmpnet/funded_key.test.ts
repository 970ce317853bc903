import { expect, setDefaultTimeout, test } from "bun:test";
import { formatAddress } from "../../lib/core/ids/bech32.ts";
import { homeForEachTest } from "./home.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

test("a funded key is told in all forms, and shows its secret to nobody who does not ask", async () => {
  await using network = await home.start({ nodeCount: 1 }, { waitForHealth: false });
  const [key] = network.preFundedKeys;
  expect(key!.privateKey).toBe(network.config.preFundedKeys[0]!);
  expect<string>(key!.privateKeyHex).toBe(`0x${key!.secretHex()}`);
  expect(key!.pChainAddress).toBe(formatAddress("P", "custom", key!.address));
  expect(key!.xChainAddress).toBe(`X${key!.pChainAddress.slice(1)}`);
  expect(key!.cChainAddress).toMatch(/^0x[0-9a-fA-F]{40}$/);
  expect([JSON.stringify(key), Bun.inspect(key)].join()).not.toContain(key!.secretHex());
});
