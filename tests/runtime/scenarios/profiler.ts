/**
 * Profiles, which each runtime makes in its own way.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { Profiler } from "../../../lib/node/profiler.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import type { Scenarios } from "./scenarios.ts";

export const profilerScenarios: Scenarios = {
  "where time and memory go is written for the owner alone": async () => {
    using directory = temporaryDirectory();
    const path = directory.join("profiles");
    using profiler = new Profiler(path);
    await assert.rejects(profiler.stopCPU(), /doesn't exist/);
    await profiler.startCPU();
    await assert.rejects(profiler.startCPU(), /already running/);
    await profiler.stopCPU();
    await profiler.writeHeap();
    const cpu = JSON.parse(readFileSync(`${path}/cpu.profile`, "utf8"));
    assert.ok(Array.isArray(cpu.nodes) && Array.isArray(cpu.samples));
    const heap = JSON.parse(readFileSync(`${path}/mem.profile`, "utf8"));
    assert.ok(heap.snapshot.node_count > 0);
    for (const name of ["cpu.profile", "mem.profile"]) {
      assert.equal(statSync(`${path}/${name}`).mode & 0o777, 0o600);
    }
  },
};
