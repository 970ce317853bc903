/** Versions against facts recorded from avalanchego: `version`, and `upgrade` for the times. */

import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import {
  type Application,
  compareApplications,
  formatApplication,
  formatSemantic,
} from "../../lib/core/version/application.ts";
import { Compatibility, type Incompatibility } from "../../lib/core/version/compatibility.ts";
import {
  CURRENT_DATABASE,
  CURRENT_VERSION,
  DEFAULT_CLIENT,
  MINIMUM_COMPATIBLE_VERSION,
  PREV_MINIMUM_COMPATIBLE_VERSION,
  RPC_CHAIN_VM_PROTOCOL,
} from "../../lib/core/version/constants.ts";
import { upgradeConfig } from "../../lib/platform/upgrades.ts";
import { loadVectors } from "../support/vectors.ts";

type VersionVector = Application & { readonly string: string };

interface VersionVectors {
  readonly constants: {
    readonly client: string;
    readonly current: VersionVector;
    readonly currentDatabase: string;
    readonly minimumCompatibleVersion: VersionVector;
    readonly prevMinimumCompatibleVersion: VersionVector;
    readonly rpcChainVMProtocol: number;
  };
  /** Beside `string` and `semantic`, one field `semanticWithCommit_<commit>` for each commit tried. */
  readonly strings: readonly (VersionVector & Readonly<Record<string, string | number>>)[];
  readonly compare: readonly { readonly a: VersionVector; readonly b: VersionVector; readonly compare: number }[];
  readonly compatible: readonly {
    readonly current: VersionVector;
    readonly minCompatible: VersionVector;
    readonly minCompatibleAfterUpgrade: VersionVector;
    readonly upgradeTime: number;
    readonly now: number;
    readonly nowNanoseconds: number;
    readonly peer: VersionVector;
    readonly compatible: boolean;
    readonly minimumUsed: "minCompatible" | "minCompatibleAfterUpgrade";
    readonly reason: string;
  }[];
  readonly upgradeTimes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const vectors = loadVectors<VersionVectors>("version_compat");

const described = (application: Application): VersionVector => ({
  ...application,
  string: formatApplication(application),
});

test("constants", () => {
  expect({
    client: DEFAULT_CLIENT,
    current: described(CURRENT_VERSION),
    currentDatabase: CURRENT_DATABASE,
    minimumCompatibleVersion: described(MINIMUM_COMPATIBLE_VERSION),
    prevMinimumCompatibleVersion: described(PREV_MINIMUM_COMPATIBLE_VERSION),
    rpcChainVMProtocol: RPC_CHAIN_VM_PROTOCOL,
  }).toEqual(vectors.constants);
});

describe("strings", () => {
  const COMMIT = "semanticWithCommit_";

  test.each(vectors.strings.map((entry) => [entry.string, entry] as const))("%s", (_, entry) => {
    expect(formatApplication(entry)).toBe(entry.string);
    expect(formatSemantic(entry)).toBe(String(entry["semantic"]));
    for (const [field, text] of Object.entries(entry)) {
      if (!field.startsWith(COMMIT)) continue;
      const commit = field.slice(COMMIT.length);
      expect(formatSemantic(entry, commit === "empty" ? "" : commit), field).toBe(String(text));
    }
  });
});

describe("compare", () => {
  test.each(vectors.compare.map((entry) => [entry.a.string, entry.b.string, entry] as const))(
    "%s with %s",
    (_, __, { a, b, compare }) => {
      expect([described(a).string, described(b).string]).toEqual([a.string, b.string]);
      expect(compareApplications(a, b) as number).toBe(compare);
    },
  );
});

describe("compatible", () => {
  const REASONS: Readonly<Record<Incompatibility | "none", string>> = {
    none: "compatible",
    "newer-major": "peer major version is newer",
    "below-minimum": "peer version is below the minimum compatible version",
  };

  test.each(vectors.compatible.map((entry, i) => [`${i}: ${entry.peer.string}`, entry] as const))("%s", (_, entry) => {
    const clock = new ManualClock(entry.now * 1000 + entry.nowNanoseconds / 1e6);
    const compatibility = new Compatibility(entry, clock);
    expect(compatibility.compatible(entry.peer)).toBe(entry.compatible);
    expect(compatibility.minimum).toBe(entry[entry.minimumUsed]);
    expect(REASONS[compatibility.incompatibility(entry.peer) ?? "none"]).toBe(entry.reason);
  });
});

describe("upgradeTimes", () => {
  test.each(Object.entries(vectors.upgradeTimes))("of network %s", (networkID, times) => {
    const upgrades: Readonly<Record<string, unknown>> = { ...upgradeConfig(Number(networkID)) };
    for (const [name, time] of Object.entries(times)) expect(upgrades[name], name).toBe(time);
  });
});
