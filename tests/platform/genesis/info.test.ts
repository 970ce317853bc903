import { describe, expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import { PLATFORM_CHAIN_ID } from "../../../lib/core/ids/id.ts";
import { chainAliases, chainIDByAlias } from "../../../lib/platform/genesis/aliases.ts";
import type { GenesisConfig } from "../../../lib/platform/genesis/config.ts";
import { GenesisError } from "../../../lib/platform/genesis/errors.ts";
import { endTime, formatUnixTime, isAfter } from "../../../lib/platform/genesis/go_time.ts";
import { genesisInfo } from "../../../lib/platform/genesis/info.ts";
import { splitStake } from "../../../lib/platform/genesis/stake.ts";
import { address, START, smallGenesis, staker } from "./support.ts";

function codeOf(changes: Partial<GenesisConfig>): string {
  try {
    genesisInfo(smallGenesis(changes));
  } catch (error) {
    if (error instanceof GenesisError) return error.type.code;
    throw error;
  }
  return "built";
}

describe("what follows from a genesis", () => {
  test("staked funds become validators, others UTXOs, and nothing becomes nothing", () => {
    const info = genesisInfo(smallGenesis());
    expect(info.validators.map(({ weight, startTime, endTime }) => [weight, startTime, endTime])).toEqual([
      [1_000n, START, START + 86_400n],
    ]);
    expect(info.utxos).toEqual([
      { outputIndex: 0, address: address(2), amount: 7n, locktime: 0n, message: address(9) },
      { outputIndex: 1, address: address(2), amount: 8n, locktime: START + 60n, message: address(9) },
    ]);
    expect(info.initialSupply).toBe(1_020n);
    // What one call gives, another gives too.
    expect(genesisInfo(smallGenesis())).toEqual(info);
  });

  test("any difference makes another network", () => {
    const hash = genesisInfo(smallGenesis()).hash;
    expect(genesisInfo(smallGenesis({ message: "hallo" })).hash).not.toBe(hash);
    expect(genesisInfo(smallGenesis({ networkID: 88_889 })).avaxAssetID).not.toBe(
      genesisInfo(smallGenesis()).avaxAssetID,
    );
    expect(genesisInfo(smallGenesis({ cChainGenesis: "{ }" })).cChainID).not.toBe(genesisInfo(smallGenesis()).cChainID);
  });

  test("validators stand in the order of a heap by their end, each transaction once", () => {
    const stakers = [1, 2, 3, 4, 5, 6].map((byte) => staker(byte));
    const ends = genesisInfo(smallGenesis({ initialStakers: stakers })).validators.map(({ endTime }) => endTime);
    // Each one ends 60 s before the one ahead of it, so that each rises to the top.
    expect(ends.map((end) => Number(START + 86_400n - end) / 60)).toEqual([5, 3, 4, 0, 2, 1]);
    const twice = { initialStakers: [staker(1), staker(1)], initialStakeDurationOffset: 0n };
    expect(genesisInfo(smallGenesis(twice)).validators.length).toBe(1);
  });

  test("without X-Chain funds there is an asset all the same", () => {
    const [staked] = smallGenesis().allocations;
    expect(codeOf({ allocations: [staked!] })).toBe("built");
  });

  test("what cannot be is refused", () => {
    expect(codeOf({ initialStakedFunds: [] })).toBe("no-weight");
    expect(codeOf({ initialStakers: [staker(1), staker(2)], initialStakeDurationOffset: 86_400n })).toBe(
      "already-exited",
    );
    expect(codeOf({ message: "é".repeat(32_768) })).toBe("text-too-long");
    expect(codeOf({ message: `${"é".repeat(32_767)}e` })).toBe("built");
  });

  test("chains are found by any of their names", () => {
    const info = genesisInfo(smallGenesis());
    expect([...chainAliases(info).keys()]).toEqual([PLATFORM_CHAIN_ID, info.xChainID, info.cChainID]);
    expect(["P", "platform", PLATFORM_CHAIN_ID as string].map((name) => chainIDByAlias(info, name))).toEqual(
      Array(3).fill(PLATFORM_CHAIN_ID),
    );
    expect(chainIDByAlias(info, "X")).toBe(info.xChainID);
    expect(chainIDByAlias(info, "evm")).toBe(info.cChainID);
    expect(chainIDByAlias(info, info.cChainID)).toBe(info.cChainID);
    expect(chainIDByAlias(info, "x")).toBeUndefined();
  });
});

describe("stake falls to stakers in equal shares", () => {
  const split = (amounts: readonly bigint[], shares: number) =>
    splitStake(
      amounts.map((amount, i) => ({ address: address(i), amount, locktime: 0n })),
      shares,
    ).map((share) => share.map(({ address, amount }) => `${toHex(address).slice(0, 2)}:${amount}`));

  test("cut where a share is full, the rest to the last", () => {
    expect(split([10n], 3)).toEqual([["00:3"], ["00:3"], ["00:4"]]);
    expect(split([4n, 4n], 2)).toEqual([["01:0", "00:4"], ["01:4"]].map((share) => share));
    expect(split([1n, 9n], 2)).toEqual([["00:1", "01:4"], ["01:5"]]);
  });

  test("what there is too little of leaves stakers without", () => {
    expect(split([], 2)).toEqual([[], []]);
    expect(split([1n], 3)).toEqual([["00:0"], ["00:0"], ["00:1"]]);
  });
});

describe("times as Go has them", () => {
  test.each([
    [0n, "1970-01-01 00:00:00 +0000 UTC"],
    [951_782_399n, "2000-02-28 23:59:59 +0000 UTC"],
    [951_782_400n, "2000-02-29 00:00:00 +0000 UTC"],
    [1_760_000_000n, "2025-10-09 08:53:20 +0000 UTC"],
    [32_503_680_000n, "3000-01-01 00:00:00 +0000 UTC"],
    [253_402_300_800n, "10000-01-01 00:00:00 +0000 UTC"],
    [99_999_999_999_999n, "3170843-11-07 09:46:39 +0000 UTC"],
    [2n ** 64n - 1n, "1969-12-31 23:59:59 +0000 UTC"],
    [2n ** 64n - 62_135_596_800n, "0001-01-01 00:00:00 +0000 UTC"],
  ])("%d is %s", (seconds, text) => {
    expect(formatUnixTime(seconds)).toBe(text);
  });

  test("what does not fit an int64 lies in the past", () => {
    expect(isAfter(2n ** 64n - 1n, 0)).toBe(false);
    expect(isAfter(2n ** 63n - 1n, 0)).toBe(false);
    expect(isAfter(2n ** 62n, 0)).toBe(true);
    expect(isAfter(1n, 1_000)).toBe(false);
    expect(isAfter(1n, 999)).toBe(true);
  });

  test("an end is the start, a duration and an offset, to the second below", () => {
    expect(endTime(START, 100n, 10_000_000_000n)).toBe(START + 90n);
    expect(endTime(START, 100n, 1n)).toBe(START + 99n);
    expect(endTime(2n ** 64n - 1n, 0n, 0n)).toBe(2n ** 64n - 1n);
  });
});
