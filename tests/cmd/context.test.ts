import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { streamOutput } from "../../cmd/context.ts";
import { avxEnvironment } from "../support/cli.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";

const CONTEXT_MODULE = resolve(import.meta.dir, "../../cmd/context.ts");

/** Runs a program that has a process's context as `context`. */
function start(directory: TemporaryDirectory, body: string, env: Record<string, string> = {}) {
  const file = directory.join("program.ts");
  writeFileSync(
    file,
    `import { processContext } from ${JSON.stringify(CONTEXT_MODULE)};
const context = processContext();
${body}
`,
  );
  return Bun.spawn([process.execPath, file], {
    env: avxEnvironment(env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value).trimEnd();
}

describe("a signal", () => {
  test("aborts the command's signal and names itself; the command ends as it likes", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `context.signal.addEventListener("abort", () => {
  context.stdout.write(context.signal.reason.message + "\\n");
  clearInterval(timer);
});
const timer = setInterval(() => {}, 1000);
context.stdout.write("ready\\n");
await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
await context.leave();
process.exit(7);`,
    );
    expect(await firstLine(child.stdout)).toBe("ready");
    child.kill("SIGTERM");
    expect(await firstLine(child.stdout)).toBe("stopped by SIGTERM");
    expect(await child.exited).toBe(7);
  });

  test("ends the process with 1 when it is the second", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `context.signal.addEventListener("abort", () => context.stdout.write("busy\\n"));
setInterval(() => {}, 1000);
context.stdout.write("ready\\n");`,
    );
    expect(await firstLine(child.stdout)).toBe("ready");
    child.kill("SIGINT");
    expect(await firstLine(child.stdout)).toBe("busy");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(1);
  });

  test("is the runtime's again once the context was left", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `await context.leave();
setInterval(() => {}, 1000);
process.stdout.write("left\\n");`,
    );
    expect(await firstLine(child.stdout)).toBe("left");
    child.kill("SIGTERM");
    await child.exited;
    expect(child.signalCode).toBe("SIGTERM");
  });
});

describe("the streams", () => {
  test("lose nothing of a long text to a slow reader when the context is left", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `for (let i = 0; i < 20000; i++) context.stdout.write("x".repeat(99) + "\\n");
await context.leave();
process.exit(0);`,
    );
    await Bun.sleep(200);
    expect((await child.stdout.text()).length).toBe(2_000_000);
    expect(await child.exited).toBe(0);
  });

  test("drop what comes after the reader has gone", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `context.stdout.write("first\\n");
for (let i = 0; i < 2000; i++) {
  context.stdout.write("x".repeat(9999) + "\\n");
  if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
context.stderr.write("done\\n");
await context.leave();
process.exit(3);`,
    );
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    expect(await child.stderr.text()).toBe("done\n");
    expect(await child.exited).toBe(3);
  });

  test.each([
    ["a terminal", true, {}, true],
    ["NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["a terminal that can show none", true, { TERM: "dumb" }, false],
    ["a pipe", false, {}, false],
  ])("have colour as they should: %s", (_, isTTY, env: Record<string, string>, color) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream;
    expect(streamOutput(stream, env)).toMatchObject({ isTTY, color, columns: 120 });
  });

  test("have no colour and the classic width in a pipe", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `const { isTTY, color, columns } = context.stdout;
context.stdout.write(JSON.stringify({ isTTY, color, columns, invokedAs: context.invokedAs }));
await context.leave();
process.exit(0);`,
      { FORCE_COLOR: "1", TERM: "xterm-256color" },
    );
    expect(JSON.parse(await child.stdout.text())).toEqual({
      isTTY: false,
      color: false,
      columns: 80,
      invokedAs: expect.stringMatching(/^bun/),
    });
  });
});
