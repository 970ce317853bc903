/**
 * A node whose disk is full, at each point of its life.
 *
 * @module
 */

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { systemClock } from "../../lib/core/clock.ts";
import { NodeError } from "../../lib/node/errors.ts";
import { LogFactory } from "../../lib/node/logging/factory.ts";
import { Node } from "../../lib/node/node.ts";
import { eventually } from "../support/eventually.ts";
import { CAN_MOUNT, needsMount, type SmallDisk, smallDisk } from "../support/small_disk.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

const PAGE = 4_096;

function config(disk: SmallDisk, flags: Record<string, string> = {}) {
  return nodeConfig({ ...LOOPBACK, "network-id": "local", "data-dir": disk.join("node"), ...flags });
}

/** Connects to a node, says what is no TLS, and waits to be sent away. */
function strangerAt(host: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.end("hello"));
    socket.on("error", () => {}).on("close", () => resolve());
    socket.resume();
  });
}

/** All files of a directory and those below, but for logs. */
function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".log"))
    .map(({ name }) => name)
    .sort();
}

test.skipIf(!CAN_MOUNT)(
  needsMount("a node that starts on a full disk says so, leaves no half of anything, and starts once there is room"),
  async () => {
    const outcomes = new Set<string>();
    for (let pages = 0; pages <= 12; pages++) {
      using disk = smallDisk(256 * 1_024);
      disk.fill(pages * PAGE);
      try {
        await using node = await Node.start(config(disk));
        expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
        outcomes.add("runs");
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        expect(error.type.code).toBe("cannot-write");
        expect(error.message).toContain("the disk is full");
        outcomes.add("refused");
      }
      const left = filesIn(disk.join("node"));
      expect(["", "signer.key,staker.crt,staker.key", "staker.crt,staker.key"]).toContain(left.join());
      disk.clear();
      await using node = await Node.start(config(disk));
      expect(filesIn(disk.join("node", "staking"))).toEqual(["signer.key", "staker.crt", "staker.key"]);
      expect(node.nodeID).toStartWith("NodeID-");
    }
    expect([...outcomes].sort()).toEqual(["refused", "runs"]);
  },
  60_000,
);

test.skipIf(!CAN_MOUNT)(needsMount("a node whose disk fills up lives, and says how many lines were lost"), async () => {
  using disk = smallDisk(512 * 1_024);
  await using node = await Node.start(config(disk, { "log-level": "verbo", "health-check-frequency": "10ms" }));
  const log = (): string => readFileSync(disk.join("node", "logs", "main.log"), "utf8");
  disk.fill();
  const full = log().length;
  // Each stranger is worth some lines.
  const { ip, port } = node.stakingAddress;
  for (let i = 0; i < 50; i++) await strangerAt(ip, port);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
  expect(log().length - full).toBeLessThanOrEqual(PAGE);
  disk.clear();
  await node.close();
  expect(log()).toEndWith("\n");
  expect(log()).toMatch(/lines before this were lost \{"lines": \d+\}\n/);
  expect(log()).toContain("finished the shutdown of the node");
});

test.skipIf(!CAN_MOUNT)(needsMount("a line that a full disk tore is ended, and the lost are counted"), async () => {
  using disk = smallDisk(64 * 1_024);
  const rotation = { maxBytes: 0, maxFiles: 0, maxAgeDays: 0, compress: false };
  const factory = new LogFactory(
    { clock: systemClock },
    { directory: disk.path, logLevel: "info", displayLevel: "off", format: "plain", rotation },
  );
  const log = factory.make("main");
  log.info("first");
  disk.fill();
  for (let i = 0; i < 100; i++) log.info("x".repeat(1_000), { i });
  disk.clear();
  log.info("back");
  await factory.close();
  const lines = readFileSync(disk.join("main.log"), "utf8").trimEnd().split("\n");
  const whole = lines.filter((line) => /\{"i": \d+\}$/.test(line)).length;
  const lost = Number(/"lines": (\d+)\}$/.exec(lines.at(-1) ?? "")?.[1]);
  expect(whole + lost).toBe(100);
  expect(lines.at(-2)).toMatch(/ back$/);
  expect(lost).toBeGreaterThan(90);
});

test.skipIf(!CAN_MOUNT)(
  needsMount("files put aside that cannot be compressed on a full disk stay, and are compressed later"),
  async () => {
    using disk = smallDisk(256 * 1_024);
    const options = {
      directory: disk.path,
      logLevel: "info",
      displayLevel: "off",
      format: "plain",
      rotation: { maxBytes: 20_000, maxFiles: 0, maxAgeDays: 0, compress: true },
    } as const;
    const factory = new LogFactory({ clock: systemClock }, options);
    const log = factory.make("main");
    const noise = Array.from({ length: 15_000 }, (_, i) => String.fromCharCode(33 + ((i * 7_919) % 90))).join("");
    for (let i = 0; i < 4; i++)
      log.info("x", Object.fromEntries([...noise].map((c, j) => [`${c}${j}`, j]).slice(0, 900)));
    disk.fill();
    await factory.close();
    const before = readdirSync(disk.path).filter((name) => name !== "filler");
    expect(before.some((name) => name.endsWith(".partial"))).toBe(false);
    disk.clear();
    const next = new LogFactory({ clock: systemClock }, options);
    next.make("main");
    await next.close();
    const after = readdirSync(disk.path).filter((name) => name !== "main.log");
    expect(after.every((name) => name.endsWith(".log.gz"))).toBe(true);
  },
);

test.skipIf(!CAN_MOUNT)(needsMount("a data directory that can only be read is refused"), async () => {
  using disk = smallDisk(64 * 1_024);
  disk.readOnly(true);
  expect(Node.start(config(disk))).rejects.toMatchObject({
    message: expect.stringContaining("the file system is read-only"),
    hint: "Give a directory that can be written with data-dir",
  });
  disk.readOnly(false);
  await using _ = await Node.start(config(disk));
});

test.skipIf(!CAN_MOUNT)(
  needsMount("a disk is too full for the node, or for its health, as system-tracker-disk-… says"),
  async () => {
    const outcome = async (required: number, warning: number): Promise<string> => {
      using disk = smallDisk(1_000 * 1_024);
      disk.fill(150 * 1_024);
      const node = await Node.start(
        config(disk, {
          "health-check-frequency": "20ms",
          "system-tracker-disk-required-available-space-percentage": String(required),
          "system-tracker-disk-warning-available-space-percentage": String(warning),
        }),
      );
      try {
        let ended: Error | undefined;
        void node.ended.then((error) => {
          ended = error;
        });
        const find = async (): Promise<string | undefined> => {
          if (ended !== undefined) return ended.message;
          const answer = await fetch(`${node.uri}/ext/health`).catch(() => undefined);
          const { checks } = ((await answer?.json()) ?? {}) as {
            checks?: { diskspace?: { error?: string; message?: unknown } };
          };
          const check = checks?.diskspace;
          return check?.message === undefined ? undefined : (check.error ?? "healthy");
        };
        let found: string | undefined;
        await eventually("the disk was looked at", async () => {
          found = await find();
          return found !== undefined && found !== "not yet run";
        });
        return found ?? "";
      } finally {
        await node.close();
      }
    };
    // Some 14% are left.
    expect(await outcome(0, 1)).toBe("healthy");
    expect(await outcome(1, 40)).toContain("remaining available disk space percentage");
    expect(await outcome(40, 50)).toContain("Too little disk space to go on");
  },
);
