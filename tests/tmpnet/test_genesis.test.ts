/** Geneses for temporary networks, beside the vectors. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../lib/core/clock.ts";
import { newPrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { formatEthAddress } from "../../lib/core/secp256k1/public_key.ts";
import { formatGenesis } from "../../lib/platform/genesis/text.ts";
import { knownKeys } from "../../lib/tmpnet/genesis/known_keys.ts";
import { newTestGenesis } from "../../lib/tmpnet/genesis/test_genesis.ts";
import { newNodeIdentity } from "../../lib/tmpnet/node.ts";

const STAKERS = [newNodeIdentity(systemClock)];
const KEYS = [newPrivateKey()];

test.each([1, 5, 12345])("network ID %p has a genesis of its own and is refused", (networkID) => {
  expect(() => newTestGenesis({ networkID, stakers: STAKERS, keysToFund: KEYS, startTime: 1n })).toThrow("of its own");
});

test("a genesis needs a staker and a key", () => {
  const options = { networkID: 88888, stakers: STAKERS, keysToFund: KEYS, startTime: 1n };
  expect(() => newTestGenesis({ ...options, stakers: [] })).toThrow("at least one staker");
  expect(() => newTestGenesis({ ...options, keysToFund: [] })).toThrow("at least one key");
});

test("a key that is there twice is funded once", () => {
  const [key] = KEYS;
  const genesis = newTestGenesis({ networkID: 9, stakers: STAKERS, keysToFund: [key!, key!], startTime: 1n });
  expect(genesis.allocations).toHaveLength(2);
});

test("nobody's addresses are those of a network that tmpnetctl made", () => {
  const recorded = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "fixtures", "tmpnet", "network-plain", "genesis.json"), "utf8"),
  );
  const genesis = newTestGenesis({ networkID: 88888, stakers: STAKERS, keysToFund: KEYS, startTime: 1n });
  const made = JSON.parse(formatGenesis(genesis));
  expect(made.initialStakedFunds).toEqual(recorded.initialStakedFunds);
  expect(made.initialStakers[0].rewardAddress).toBe(recorded.initialStakers[0].rewardAddress);
});

test("the keys that everybody knows are the ones that upstream funds", () => {
  expect(knownKeys().map((key) => formatEthAddress(key.ethAddress))).toContain(
    "0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC",
  );
  const recorded = readFileSync(
    join(import.meta.dirname, "..", "fixtures", "tmpnet", "network-plain", "genesis.json"),
    "utf8",
  );
  for (const key of knownKeys()) {
    expect(recorded).toContain(formatEthAddress(key.ethAddress).slice(2).toLowerCase());
  }
});
