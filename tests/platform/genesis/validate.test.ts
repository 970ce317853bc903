import { describe, expect, test } from "bun:test";
import type { GenesisConfig } from "../../../lib/platform/genesis/config.ts";
import { genesisFromFile, genesisFromFlag } from "../../../lib/platform/genesis/custom.ts";
import { GenesisError, type GenesisErrorType } from "../../../lib/platform/genesis/errors.ts";
import { initialSupply } from "../../../lib/platform/genesis/supply.ts";
import { formatGenesis } from "../../../lib/platform/genesis/text.ts";
import { type ValidateOptions, validateGenesis } from "../../../lib/platform/genesis/validate.ts";
import { address, START, smallGenesis, staker } from "./support.ts";

const NOW_MS = Number(START) * 1_000 + 500;
const clock = { now: () => NOW_MS };
const MAX_UINT64 = 2n ** 64n - 1n;

function refusalOf(run: () => unknown): GenesisError {
  try {
    run();
  } catch (error) {
    if (error instanceof GenesisError) return error;
    throw error;
  }
  throw new Error("not refused");
}

const codeOf = (changes: Partial<GenesisConfig>, options: ValidateOptions = {}): GenesisErrorType["code"] =>
  refusalOf(() => validateGenesis(88_888, smallGenesis(changes), { clock, ...options })).type.code;

const owns = (amount: bigint, initialAmount = 0n) => ({
  ethAddr: address(0),
  avaxAddr: address(1),
  initialAmount,
  unlockSchedule: [{ amount, locktime: 0n }],
});

describe("a genesis is measured", () => {
  test("and a sound one passes", () => {
    expect(() => validateGenesis(88_888, smallGenesis(), { clock })).not.toThrow();
  });

  test("by its supply, up to the last nAVAX", () => {
    expect(initialSupply(smallGenesis())).toBe(1_020n);
    expect(initialSupply(smallGenesis({ allocations: [owns(MAX_UINT64)] }))).toBe(MAX_UINT64);
    expect(codeOf({ allocations: [owns(MAX_UINT64, 1n)] })).toBe("supply-overflow");
    expect(codeOf({ allocations: [] })).toBe("no-supply");
  });

  test("by its start, which may be now", () => {
    expect(() =>
      validateGenesis(88_888, smallGenesis(), { clock: { now: () => Number(START) * 1_000 } }),
    ).not.toThrow();
    expect(codeOf({}, { clock: { now: () => Number(START) * 1_000 - 1 } })).toBe("future-start");
  });

  test("by how long stakers stake", () => {
    expect(codeOf({ initialStakeDuration: 0n })).toBe("no-stake-duration");
    expect(codeOf({}, { maxStakeDurationSeconds: 86_399n })).toBe("stake-duration-too-high");
    expect(codeOf({ initialStakeDuration: 31_536_001n })).toBe("stake-duration-too-high");
    const stakers = [staker(1), staker(2), staker(3)];
    expect(codeOf({ initialStakers: stakers, initialStakeDurationOffset: 43_201n })).toBe("stake-duration-too-low");
    const fits = smallGenesis({ initialStakers: stakers, initialStakeDurationOffset: 43_200n });
    expect(() => validateGenesis(88_888, fits, { clock })).not.toThrow();
    // The product wraps upstream, and so it does here.
    const wraps = smallGenesis({ initialStakers: stakers, initialStakeDurationOffset: 2n ** 63n });
    expect(() => validateGenesis(88_888, wraps, { clock })).not.toThrow();
  });

  test("by its stakers and their funds", () => {
    expect(codeOf({ initialStakers: [] })).toBe("no-stakers");
    expect(codeOf({ initialStakedFunds: [] })).toBe("no-staked-funds");
    expect(codeOf({ initialStakedFunds: [address(1), address(1)] })).toBe("duplicate-staked-address");
    expect(codeOf({ initialStakedFunds: [address(3)] })).toBe("no-allocation-to-stake");
    expect(codeOf({ allocations: [owns(1n, 9n)], initialStakers: [staker(1), staker(2)] })).toBe("locked-too-low");
  });

  test("by its C-Chain, last of all", () => {
    expect(codeOf({ cChainGenesis: "" })).toBe("no-c-chain-genesis");
    expect(codeOf({ cChainGenesis: "", initialStakers: [] })).toBe("no-stakers");
  });

  test("against the network that it is for, first of all", () => {
    const error = refusalOf(() => validateGenesis(88_889, smallGenesis({ allocations: [] }), { clock }));
    expect(error.type).toEqual({ code: "network-id", expected: 88_889, actual: 88_888 });
  });
});

describe("a custom genesis", () => {
  const json = formatGenesis(smallGenesis());
  const content = Buffer.from(json).toString("base64");

  test("is read from a flag or a file", () => {
    expect(genesisFromFlag(88_888, content, { clock })).toEqual(smallGenesis());
    expect(genesisFromFile(88_888, "genesis.json", json, { clock })).toEqual(smallGenesis());
    expect(genesisFromFile(88_888, "genesis.json", Buffer.from(json), { clock })).toEqual(smallGenesis());
  });

  test.each([
    [1, "mainnet"],
    [5, "fuji"],
    [12_345, "local"],
  ])("is refused for network %d before it is read", (networkID, name) => {
    for (const run of [() => genesisFromFlag(networkID, "?"), () => genesisFromFile(networkID, "x", "?")]) {
      const error = refusalOf(run);
      expect(error.message).toBe(`overrides standard network genesis config: ${name}`);
      expect(error.hint).toBe("Choose another network ID, or leave the genesis out");
    }
  });

  test("that cannot be read says where it came from", () => {
    expect(refusalOf(() => genesisFromFlag(88_888, "e30")).message).toBe(
      "unable to load genesis content from flag: unable to decode base64 content: illegal base64 data at input byte 0",
    );
    expect(refusalOf(() => genesisFromFile(88_888, "g.json", "{]")).message).toBe(
      "unable to load provided genesis config at g.json: could not unmarshal genesis JSON: invalid character ']' looking for beginning of object key string",
    );
    expect(refusalOf(() => genesisFromFlag(88_889, content, { clock })).message).toBe(
      "genesis config validation failed: conflicting networkIDs: expected 88889 but config contains 88888",
    );
  });
});
