/** What a terminal shows of nodes that start. */

import { expect, test } from "bun:test";
import { progressView } from "../../../cmd/net/progress.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";

const NODE = "NodeID-111111111111111111116DBWJs" as NodeID;

/** The lines that stand on a terminal once all is written: lines end, the cursor goes up, what follows is cleared. */
function terminal() {
  let lines = [""];
  let row = 0;
  return {
    isTTY: true,
    color: false,
    columns: 80,
    write(text: string) {
      for (const [part] of text.replaceAll("\u001b", "␛").matchAll(/␛\[\d*[AJK]|\r|\n|[^␛\r\n]+/g)) {
        if (part === "\n") lines[++row] ??= "";
        else if (part.startsWith("␛[") && part.endsWith("A")) row -= Number(part.slice(2, -1));
        else if (part === "␛[J") lines = [...lines.slice(0, row), ""];
        else if (part === "␛[2K") lines[row] = "";
        else if (part !== "\r") lines[row] += part;
      }
    },
    get shown() {
      return lines.filter((line) => line !== "").map((line) => line.replace(/[\d.]+ s$/, "").trim());
    },
  };
}

test("nodes stand once on a terminal, below what was said meanwhile", () => {
  const screen = terminal();
  {
    using view = progressView(screen);
    view.show({ kind: "node", nodeID: NODE, phase: "starting" });
    view.show({ kind: "warning", message: "one" });
    view.show({ kind: "node", nodeID: NODE, phase: "healthy" });
    view.show({ kind: "warning", message: "two" });
  }
  expect(screen.shown).toEqual(["Warning: one", "Warning: two", `${NODE}  healthy`]);
});

test("closed once more, it writes nothing over what came after it", () => {
  const screen = terminal();
  using view = progressView(screen);
  view.show({ kind: "node", nodeID: NODE, phase: "stopped" });
  view[Symbol.dispose]();
  screen.write("Next\n  avx net stop\n");
  view[Symbol.dispose]();
  expect(screen.shown).toEqual([`${NODE}  stopped`, "Next", "avx net stop"]);
});
