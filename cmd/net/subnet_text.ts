/**
 * A subnet as people read it.
 *
 * @module
 */

import type { ChainReport, SubnetReport, ValidatorReport } from "../../lib/tmpnet/subnets/report.ts";
import type { Output } from "../command.ts";
import { type Cell, columns, counted, foldingColumns, paint } from "./text.ts";

/** Lines of one subnet. */
export function subnetText(output: Output, report: SubnetReport): string {
  const { name, subnetID, isL1, chains } = report;
  const kind = isL1 ? "L1" : "Subnet";
  const head = `${paint(output, "strong", `${kind} ${name}`)}  ${subnetID ?? "not on the P-Chain yet"}\n`;
  const manager = isL1 ? [["manager", `${report.managerAddress} on ${report.managerChainID}`]] : [];
  return [
    head,
    columns(output, [...manager, ["validators", counted(report.validatorIDs.length, "node")]], "  "),
    foldingColumns(output, validatorRows(report), "    "),
    ...chains.map((chain) => chainText(output, chain)),
  ].join("");
}

function validatorRows({ validators, validatorIDs }: SubnetReport): (readonly Cell[])[] {
  if (validators === undefined) return validatorIDs.map((nodeID) => [nodeID]);
  return validators.map((validator) => [validator.nodeID, `weight ${validator.weight}`, ...l1Cells(validator)]);
}

function l1Cells({ validationID, balance, active }: ValidatorReport): Cell[] {
  if (validationID === undefined) return [];
  return [active ? ["good", `${balance} nAVAX`] : ["bad", "inactive"], validationID];
}

function chainText(output: Output, { vmName, vmID, chainID, endpoints }: ChainReport): string {
  const head = `  chain of ${vmName ?? vmID}  ${chainID ?? "not on the P-Chain yet"}\n`;
  const rows = endpoints.map(({ nodeID, url, ready }): readonly Cell[] => [
    nodeID,
    ready ? ["good", "up"] : ["bad", "not up"],
    url,
  ]);
  return `${head}${foldingColumns(output, rows, "    ")}`;
}
