import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ManualClock } from "../../../lib/core/clock.ts";
import { checkClock, checkEnvironment, checkOpenFiles, checkRoot } from "../../../lib/tmpnet/doctor/machine.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test.each([
  [{}, 65_536, "ok"],
  [{}, Number.POSITIVE_INFINITY, "ok"],
  [{}, 20_000, "warning"],
  [{}, 256, "problem"],
  [{ AVAGO_FD_LIMIT: "32768" }, 20_000, "problem"],
] as const)("the limit on open files: %j of %d is %s", (env, hard, status) => {
  expect(checkOpenFiles(env, hard).status).toBe(status);
});

test("a root need not be there, and must be a directory with a path that the system takes", () => {
  using directory = temporaryDirectory();
  const statuses = (path: string) => checkRoot(path).map(({ check, status }) => `${check} ${status}`);
  expect(statuses(directory.join("not", "yet"))).toContain("root ok");
  writeFileSync(directory.join("file"), "");
  expect(statuses(directory.join("file"))).toEqual(["root problem"]);
  expect(statuses(directory.join("x".repeat(200), ..."y".repeat(2_000)))).toContain("paths problem");
});

test("a clock of the past is a problem", () => {
  expect(checkClock(new ManualClock(0)).status).toBe("problem");
  expect(checkClock(new ManualClock(Date.UTC(2026, 10, 21))).status).toBe("ok");
});

test("variables that name what is not there are told, each with its name", () => {
  using directory = temporaryDirectory();
  const env = {
    TMPNET_NETWORK_DIR: directory.join("no"),
    AVAGO_PLUGIN_DIR: directory.path,
    TMPNET_ROOT_DIR: directory.join("new"),
  };
  const [finding, ...more] = checkEnvironment(env);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ status: "problem", todo: "Correct it, or unset TMPNET_NETWORK_DIR" });
  expect(checkEnvironment({})).toMatchObject([{ status: "ok" }]);
});
