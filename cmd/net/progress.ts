/**
 * Shows what each node is doing while a network starts: in place on a terminal, as lines in a pipe.
 *
 * @module
 */

import type { NodeID } from "../../lib/core/ids/node_id.ts";
import type { NetworkProgress } from "../../lib/tmpnet/network.ts";
import type { SubnetProgress } from "../../lib/tmpnet/subnets/progress.ts";
import type { Output } from "../command.ts";
import { counted, lengthOfTime, paint, type Tone } from "./text.ts";

/** How often the display is drawn again at most, in milliseconds. */
const FRAME_MS = 80;

/** Networks of more nodes are shown as counts: a terminal that scrolls cannot be drawn in place. */
const MAX_NODE_LINES = 16;

/** How long a node must have waited before a pipe is told why, and between one reason and the next. */
const REASON_INTERVAL_MS = 5_000;

/** Shows progress until it is closed; closing it twice is harmless. */
export interface ProgressView extends Disposable {
  show(progress: NetworkProgress): void;
  /** Nodes that were told to be healthy: none, where nobody waits for them to be. */
  readonly healthy: ReadonlySet<NodeID>;
}

type Phase = "starting" | "started" | "waiting" | "healthy" | "stopped";

interface NodeLine {
  phase: Phase;
  detail: string;
  toldAt: number;
}

/** @param output Where it is shown: stderr, since what a command gives goes to stdout. */
export function progressView(output: Output): ProgressView {
  const view = output.isTTY ? new LiveView(output) : new PlainView(output);
  const healthy = new Set<NodeID>();
  return {
    healthy,
    show(progress) {
      if (progress.kind === "node" && progress.phase === "healthy") healthy.add(progress.nodeID);
      view.show(progress);
    },
    [Symbol.dispose]: () => view[Symbol.dispose](),
  };
}

type View = Omit<ProgressView, "healthy">;

class PlainView implements View {
  readonly #output: Output;
  readonly #startedAt = performance.now();
  readonly #toldAt = new Map<NodeID, number>();

  constructor(output: Output) {
    this.#output = output;
  }

  show(progress: NetworkProgress): void {
    const line = this.#line(progress);
    if (line !== undefined) this.#output.write(`${line}\n`);
  }

  [Symbol.dispose](): void {}

  #line(progress: NetworkProgress): string | undefined {
    if (progress.kind === "created") return createdLine(progress);
    if (progress.kind !== "node") return noticeLine(progress);
    const { nodeID } = progress;
    const now = performance.now();
    switch (progress.phase) {
      case "starting":
        this.#toldAt.set(nodeID, now);
        return undefined;
      case "started":
        return `${nodeID} runs at ${progress.uri}, process ${progress.pid}`;
      case "waiting":
        if (now - (this.#toldAt.get(nodeID) ?? now) < REASON_INTERVAL_MS) return undefined;
        this.#toldAt.set(nodeID, now);
        return `${nodeID} is not healthy yet: ${progress.reasons.join("; ")}`;
      case "healthy":
        return `${nodeID} is healthy after ${lengthOfTime(now - this.#startedAt)}`;
      case "stopped":
        return `${nodeID} is stopped`;
    }
  }
}

const TONES: Readonly<Record<Phase, Tone>> = {
  starting: "faint",
  started: "wait",
  waiting: "wait",
  healthy: "good",
  stopped: "faint",
};

class LiveView implements View {
  readonly #output: Output;
  readonly #startedAt = performance.now();
  readonly #nodes = new Map<NodeID, NodeLine>();
  readonly #timer: ReturnType<typeof setInterval>;
  #drawnLines = 0;
  #isOpen = true;

  constructor(output: Output) {
    this.#output = output;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  show(progress: NetworkProgress): void {
    if (progress.kind === "created") {
      this.#output.write(`${createdLine(progress)}\n`);
      for (const { nodeID } of progress.network.nodes) this.#set(nodeID, "starting", "");
      this.#draw();
      return;
    }
    if (progress.kind !== "node") {
      // In place of the nodes, which follow below it.
      this.#output.write(`${this.#toTop()}\u001b[J${paint(this.#output, "wait", noticeLine(progress))}\n`);
      this.#drawnLines = 0;
      this.#draw();
      return;
    }
    const { nodeID, phase } = progress;
    if (phase === "started") this.#set(nodeID, phase, progress.uri);
    else if (phase === "waiting") this.#set(nodeID, phase, inShort(progress.reasons));
    else this.#set(nodeID, phase, phase === "healthy" ? lengthOfTime(performance.now() - this.#startedAt) : "");
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    this.#draw();
  }

  #set(nodeID: NodeID, phase: Phase, detail: string): void {
    this.#nodes.set(nodeID, { phase, detail, toldAt: performance.now() });
  }

  /** Up to where the last drawing began, and each line anew. */
  #draw(): void {
    const lines =
      this.#nodes.size > MAX_NODE_LINES ? [this.#counts()] : [...this.#nodes].map((line) => this.#line(line));
    this.#output.write(this.#toTop() + lines.map((line) => `\r\u001b[2K${line}\n`).join(""));
    this.#drawnLines = lines.length;
  }

  #toTop(): string {
    return this.#drawnLines === 0 ? "" : `\u001b[${this.#drawnLines}A`;
  }

  #line([nodeID, { phase, detail }]: [NodeID, NodeLine]): string {
    const room = Math.max(0, this.#output.columns - nodeID.length - 14);
    const cut = detail.length > room ? `${detail.slice(0, Math.max(0, room - 1))}…` : detail;
    return `  ${nodeID}  ${paint(this.#output, TONES[phase], phase.padEnd(8))} ${paint(this.#output, "faint", cut)}`;
  }

  #counts(): string {
    const count = (phase: Phase) => [...this.#nodes.values()].filter((node) => node.phase === phase).length;
    const parts = (["starting", "started", "waiting", "healthy", "stopped"] as const)
      .map((phase) => [phase, count(phase)] as const)
      .filter(([, n]) => n > 0)
      .map(([phase, n]) => paint(this.#output, TONES[phase], `${n} ${phase}`));
    return `  ${counted(this.#nodes.size, "node")}: ${parts.join(", ")}`;
  }
}

/** One reason in full, or the names of the checks that fail: a line has little room. */
function inShort(reasons: readonly string[]): string {
  return reasons.length === 1 ? (reasons[0] as string) : reasons.map((reason) => reason.split(":")[0]).join(", ");
}

/** What should be known, in a line. */
export function noticeLine(notice: Extract<NetworkProgress, { kind: "warning" | "busy" | "subnet" }>): string {
  if (notice.kind === "warning") return `Warning: ${notice.message}`;
  if (notice.kind === "subnet") return subnetLine(notice);
  const { pid, purpose } = notice.holder;
  return `Waiting for process ${pid}, which is ${purpose}`;
}

function createdLine({ network }: Extract<NetworkProgress, { kind: "created" }>): string {
  const usual = network.config.defaultRuntimeConfig.process?.avalancheGoPath ?? "";
  const nameOf = (program: string) => (program === usual && network.hasOwnNodes ? "avx" : program);
  const programs = Map.groupBy(network.nodes, ({ runtimeConfig }) => runtimeConfig.process?.avalancheGoPath ?? usual);
  const nodes = [...programs].map(([program, those]) => `${counted(those.length, "node")} of ${nameOf(program)}`);
  return `Starting ${nodes.join(", ")} in ${network.dir}`;
}

function subnetLine(progress: SubnetProgress): string {
  const subnet = `Subnet ${progress.subnet}`;
  switch (progress.phase) {
    case "creating":
      return `${subnet} is being made`;
    case "created":
      return `${subnet} is ${progress.subnetID}`;
    case "decided":
      return `${subnet} has its validators and ${counted(progress.chainIDs.length, "chain")}`;
    case "ready":
      return `${subnet} runs chain ${progress.chainID} on ${progress.nodeID}`;
  }
}
