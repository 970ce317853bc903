/** What is told of subnets that lie on disk, whoever wrote them, while nothing runs. */

import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { EMPTY_ID } from "../../../lib/core/ids/id.ts";
import { XSVM_ID } from "../../../lib/platform/vm_ids.ts";
import type { SubnetHost } from "../../../lib/tmpnet/subnets/host.ts";
import { subnetReports } from "../../../lib/tmpnet/subnets/report.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

async function reportsOf(files: Readonly<Record<string, unknown>>) {
  using directory = temporaryDirectory();
  mkdirSync(directory.join("subnets"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(directory.join("subnets", `${name}.json`), JSON.stringify(content));
  }
  const host = { dir: directory.path, nodes: [] } as unknown as SubnetHost;
  return await subnetReports(host);
}

test("a subnet is told as its file has it", async () => {
  const chain = { VMID: XSVM_ID, ChainID: XSVM_ID, Genesis: "AQID" };
  const reports = await reportsOf({ a: { Name: "a", SubnetID: XSVM_ID, ValidatorIDs: ["NodeID-x"], Chains: [chain] } });
  expect(reports).toEqual([
    {
      name: "a",
      subnetID: XSVM_ID,
      validatorIDs: ["NodeID-x"],
      chains: [{ vmID: XSVM_ID, vmName: "xsvm", chainID: XSVM_ID, endpoints: [] }],
    },
  ]);
});

test.each(["", EMPTY_ID, "no ID", "../../etc"])("an ID that is none is none: %p", async (id) => {
  const [report] = await reportsOf({ a: { Name: "a", SubnetID: id, Chains: [{ VMID: "no ID", ChainID: id }] } });
  expect(report).toEqual({ name: "a", validatorIDs: [], chains: [{ vmID: "no ID", endpoints: [] }] });
});
