/**
 * A simulation's figures for people.
 *
 * @module
 */

import type { Phase, Report } from "./report.ts";

const MIB = 1024 * 1024;

/** One run. */
export function reportText(report: Report): string {
  const { cpuMs, faults, foundAllMs, log, options, packets, peakMemoryBytes, realMs, virtualMs } = report;
  const traffic = Object.entries(report.traffic).sort(([, a], [, b]) => b.bytes - a.bytes);
  return [
    `${options.nodes} nodes, ${options.validators} of them validators, seed ${options.seed}`,
    `${percent(options.loss)} of the packets lost (${packets.lost} of ${packets.sent}), ${options.latencyMs} ms from node to node`,
    "",
    table(
      ["phase", "virtual", "messages/node", "KiB/node", "processor"],
      report.phases.map((phase) => [
        phase.name,
        seconds(phase.virtualMs),
        phase.messagesPerNode.toFixed(1),
        (phase.bytesPerNode / 1024).toFixed(1),
        seconds(phase.cpuMs),
      ]),
    ),
    "",
    `nodes had found all validators after ${seconds(foundAllMs.median)} (median), ${seconds(foundAllMs.p99)} (99 %), ${seconds(foundAllMs.last)} (last)`,
    "",
    table(
      ["message", "sent/node", "KiB/node"],
      traffic.map(([op, { bytes, messages }]) => [
        op,
        (messages / options.nodes).toFixed(1),
        (bytes / options.nodes / 1024).toFixed(1),
      ]),
    ),
    "",
    `${seconds(virtualMs)} of virtual time took ${seconds(realMs)} (${seconds(cpuMs)} of processor) and ${(peakMemoryBytes / MIB).toFixed(0)} MiB`,
    `${log.lines} events, sha256 ${log.sha256}`,
    ...(faults.length === 0 ? ["nothing found wrong"] : ["found wrong:", ...faults.map((fault) => `- ${fault}`)]),
  ].join("\n");
}

/** Runs of several sizes, side by side. */
export function growthTable(reports: readonly Report[]): string {
  const rows: [string, (report: Report) => string][] = [
    ["all found, median", ({ foundAllMs }) => seconds(foundAllMs.median)],
    ["all found, last", ({ foundAllMs }) => seconds(foundAllMs.last)],
    ...["discovery", "quiet", "healing", "return", "succession"].flatMap(
      (name): [string, (report: Report) => string][] => {
        const of = (show: (phase: Phase) => string) => (report: Report) => {
          const phase = report.phases.find((one) => one.name === name);
          return phase === undefined ? "" : show(phase);
        };
        return [
          [name, of(({ virtualMs, whole }) => (whole ? seconds(virtualMs) : "never"))],
          ["  messages/node", of(({ messagesPerNode }) => messagesPerNode.toFixed(0))],
          ["  KiB/node", of(({ bytesPerNode }) => (bytesPerNode / 1024).toFixed(1))],
        ];
      },
    ),
    ["virtual time", ({ virtualMs }) => seconds(virtualMs)],
    ["real time", ({ realMs }) => seconds(realMs)],
    ["processor", ({ cpuMs }) => seconds(cpuMs)],
    ["memory", ({ peakMemoryBytes }) => `${(peakMemoryBytes / MIB).toFixed(0)} MiB`],
    ["events", ({ log }) => String(log.lines)],
    ["faults", ({ faults }) => String(faults.length)],
  ];
  return [
    table(
      ["nodes", ...reports.map(({ options }) => String(options.nodes))],
      rows.map(([name, show]) => [name, ...reports.map(show)]),
    ),
    ...reports.flatMap(({ faults, options }) => faults.map((fault) => `${options.nodes} nodes: ${fault}`)),
  ].join("\n");
}

/** The first column to the left, the others to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[i] as number)))
        .join("  "),
    )
    .join("\n");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
