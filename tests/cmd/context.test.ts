import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { streamOutput } from "../../cmd/context.ts";
import { avxEnvironment } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { CAN_MOUNT, needsMount, smallDisk } from "../support/small_disk.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";

const CONTEXT_MODULE = resolve(import.meta.dir, "../../cmd/context.ts");

/** Runs a program that has a process's context as `context`. */
function start<In extends "ignore" | "pipe" = "ignore", Out extends "pipe" | number = "pipe">(
  directory: TemporaryDirectory,
  body: string,
  { env = {}, stdin, stdout }: { env?: Record<string, string>; stdin?: In; stdout?: Out } = {},
) {
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
    stdin: (stdin ?? "ignore") as In,
    stdout: (stdout ?? "pipe") as Out,
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

  test("lose nothing of long lines either, which Bun takes piece by piece", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `for (let i = 0; i < 200; i++) context.stdout.write("x".repeat(99_999) + "\\n");
await Promise.all([context.stdout.drained(), context.leave()]);
process.exit(0);`,
    );
    await Bun.sleep(200);
    expect((await child.stdout.text()).length).toBe(20_000_000);
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

  test("show no more than a reader that sleeps can catch up with, and write all that is not only shown", async () => {
    using directory = temporaryDirectory();
    const child = start(
      directory,
      `const line = "x".repeat(99_999) + "\\n";
for (let i = 0; i < 400; i++) context.stdout.show(line);
context.stdout.write("the end\\n");
await context.leave();
process.exit(0);`,
    );
    await Bun.sleep(100);
    const text = await child.stdout.text();
    expect(text).toEndWith("the end\n");
    expect(text.length).toBeLessThan(2 ** 24);
    expect(await child.exited).toBe(0);
  });

  test.skipIf(!CAN_MOUNT)(needsMount("show lines again once a full disk has room, and end well"), async () => {
    using directory = temporaryDirectory();
    using disk = smallDisk(2 ** 18);
    disk.fill();
    const said = disk.join("said");
    const file = openSync(said, "a");
    const child = start(
      directory,
      `process.stdin.on("data", () => context.stdout.show("later\\n"));
process.stdin.on("end", async () => { await context.leave(); process.exit(process.exitCode ?? 0); });
context.stdout.show("lost\\n");
context.stderr.write("ready\\n");`,
      { stdin: "pipe", stdout: file },
    );
    closeSync(file);
    expect(await firstLine(child.stderr)).toBe("ready");
    disk.clear();
    child.stdin.write("go");
    await child.stdin.flush();
    await eventually("the later line is there", () => readFileSync(said, "utf8").endsWith("later\n"));
    child.stdin.end();
    expect(await child.exited).toBe(0);
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
      { env: { FORCE_COLOR: "1", TERM: "xterm-256color" } },
    );
    expect(JSON.parse(await child.stdout.text())).toEqual({
      isTTY: false,
      color: false,
      columns: 80,
      invokedAs: expect.stringMatching(/^bun/),
    });
  });
});
