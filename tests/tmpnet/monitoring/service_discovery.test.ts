/** Files that tell collectors of nodes: byte for byte as tmpnet writes them. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import {
  clearServiceDiscovery,
  removeLostServiceDiscovery,
  removeServiceDiscovery,
  removeServiceDiscoveryOf,
  writeServiceDiscovery,
} from "../../../lib/tmpnet/monitoring/service_discovery.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";

const NODE_ID = "NodeID-86ZNty7ePa2dYSiUsHs4Hz87spGwjHVGb" as NodeID;
const NETWORK = { uuid: "e8ff37d9-571d-4228-ad36-5f65c48fa227", owner: "avalanchego-e2e" };
const DATA_DIR = `/home/user/.tmpnet/networks/20261121-061844.510262-avalanchego-e2e/${NODE_ID}`;
const FILE = `${NETWORK.uuid}_${NODE_ID}.json`;

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, `../../fixtures/tmpnet/service-discovery/${name}-sample.json`), "utf8");

let home: TemporaryDirectory;
beforeEach(() => {
  home = temporaryDirectory();
});
afterEach(() => home[Symbol.dispose]());

const env = (more: Record<string, string> = {}) => ({ HOME: home.path, ...more });
const pathOf = (name: string, file = FILE) => home.join(".tmpnet", name, "file_sd_configs", file);
const labelsOf = (name: string) => JSON.parse(readFileSync(pathOf(name), "utf8"))[0].labels;

function write(more: Record<string, string> = {}, isEphemeral = false): void {
  writeServiceDiscovery(
    NETWORK,
    { nodeID: NODE_ID, dataDir: DATA_DIR, isEphemeral },
    "http://127.0.0.1:42383",
    env(more),
  );
}

test("what tmpnet was recorded to write is written", () => {
  write();
  expect(readFileSync(pathOf("prometheus"), "utf8")).toBe(fixture("prometheus"));
  expect(readFileSync(pathOf("promtail"), "utf8")).toBe(fixture("promtail"));
});

test("a run on GitHub is in the labels, and only what is set of it", () => {
  write({ GH_REPO: "ava-labs/avalanchego", GH_RUN_ATTEMPT: "2", GH_JOB_ID: "", GH_OTHER: "no" }, true);
  for (const name of ["prometheus", "promtail"]) {
    expect(labelsOf(name)).toMatchObject({ gh_repo: "ava-labs/avalanchego", gh_run_attempt: "2" });
    expect(labelsOf(name)).not.toHaveProperty("gh_job_id");
    expect(labelsOf(name)).not.toHaveProperty("gh_other");
    expect(labelsOf(name).is_ephemeral_node).toBe("true");
  }
});

test("what GitHub's runner calls itself is in the labels, too, after what upstream's action sets", () => {
  const runner = { GITHUB_REPOSITORY: "me/mine", GITHUB_RUN_ID: "9", GITHUB_JOB: "e2e", GH_RUN_ID: "7" };
  write({ ...runner, GITHUB_ACTIONS: "true" });
  for (const name of ["prometheus", "promtail"]) {
    expect(labelsOf(name)).toMatchObject({ gh_repo: "me/mine", gh_run_id: "7", gh_job_id: "e2e" });
    expect(labelsOf(name)).not.toHaveProperty("gh_workflow");
  }
  write(runner);
  expect(labelsOf("prometheus")).not.toHaveProperty("gh_repo");
});

test("a node's files are taken away, and no others; twice is no fault", () => {
  write();
  writeFileSync(pathOf("prometheus", "mine.json"), "[]");
  const node = { nodeID: NODE_ID, dataDir: DATA_DIR };
  removeServiceDiscovery(NETWORK, node, env());
  removeServiceDiscovery(NETWORK, node, env());
  expect(readdirSync(home.join(".tmpnet", "prometheus", "file_sd_configs"))).toEqual(["mine.json"]);
  expect(existsSync(pathOf("promtail"))).toBe(false);
});

test("files of a network's directory are taken away without it, and those of its copy stay", () => {
  const directory = home.join("network");
  const nodes = ["", "-copy"].map((suffix) => ({
    nodeID: `${NODE_ID}${suffix}` as NodeID,
    dataDir: `${directory}${suffix}/${NODE_ID}`,
  }));
  for (const node of nodes) writeServiceDiscovery(NETWORK, node, "http://127.0.0.1:1", env());
  for (const [file, text] of [
    ["a_NodeID-a.json", "{"],
    ["b_NodeID-b.json", "[]"],
    ["c_NodeID-c.json", '[{"labels":{"__path__":7}}]'],
    ["d", ""],
  ]) {
    writeFileSync(pathOf("promtail", file), text as string);
  }
  mkdirSync(pathOf("promtail", "e_NodeID-e.json"));
  removeServiceDiscoveryOf(directory, env());
  const copy = `${NETWORK.uuid}_${NODE_ID}-copy.json`;
  expect(readdirSync(home.join(".tmpnet", "prometheus", "file_sd_configs"))).toEqual([copy]);
  const left = readdirSync(home.join(".tmpnet", "promtail", "file_sd_configs")).sort();
  expect(left).toEqual(["a_NodeID-a.json", "b_NodeID-b.json", "c_NodeID-c.json", "d", copy, "e_NodeID-e.json"].sort());
  removeServiceDiscoveryOf(directory, { HOME: home.join("nowhere") });
});

test("nodes whose directories are gone are told no more, and what others wrote stays", () => {
  const [here, gone] = ["NodeID-here", "NodeID-gone"].map((name) => ({
    nodeID: name as NodeID,
    dataDir: home.join("net", name),
  }));
  for (const node of [here, gone]) writeServiceDiscovery(NETWORK, node!, "http://127.0.0.1:1", env());
  mkdirSync(here!.dataDir, { recursive: true });
  writeFileSync(
    pathOf("promtail", "mine.json"),
    '[{"targets":["localhost"],"labels":{"__path__":"/no/such/logs/*.log"}}]',
  );
  removeLostServiceDiscovery(env());
  expect(readdirSync(home.join(".tmpnet", "prometheus", "file_sd_configs"))).toEqual([
    `${NETWORK.uuid}_NodeID-here.json`,
  ]);
  expect(readdirSync(home.join(".tmpnet", "promtail", "file_sd_configs")).sort()).toEqual(
    [`${NETWORK.uuid}_NodeID-here.json`, "mine.json"].sort(),
  );
});

test("what a killed command has left unfinished is cleared away, and nothing of others", () => {
  const dead = Bun.spawnSync(["true"]).pid;
  write();
  const kept = [FILE, `.${FILE}.${process.pid}.0.tmp`, ".theirs.tmp", "theirs.json"];
  for (const name of kept.slice(1)) writeFileSync(pathOf("promtail", name), "");
  mkdirSync(pathOf("promtail", `.directory.${dead}.tmp`));
  writeFileSync(pathOf("promtail", `.${FILE}.${dead}.29.tmp`), "[{");
  clearServiceDiscovery(env());
  const names = readdirSync(pathOf("promtail", "."));
  expect(names.sort()).toEqual([...kept, `.directory.${dead}.tmp`].sort());
});

test("a UUID that leads elsewhere writes and removes nothing there", () => {
  const node = { nodeID: NODE_ID, dataDir: DATA_DIR };
  const evil = { uuid: "../../../x", owner: "" };
  expect(() => writeServiceDiscovery(evil, node, "http://127.0.0.1:1", env())).toThrow(
    /cannot be a part of a file's name/,
  );
  expect(readdirSync(home.path)).toEqual([]);
  mkdirSync(home.join(".tmpnet", "prometheus", "file_sd_configs"), { recursive: true });
  const target = home.join(`x_${NODE_ID}.json`);
  writeFileSync(target, "keep");
  removeServiceDiscovery(evil, node, env());
  expect(readFileSync(target, "utf8")).toBe("keep");
});
