import { expect, test } from "bun:test";
import { systemClock } from "../../../lib/core/clock.ts";
import { createNetwork } from "../../../lib/tmpnet/create.ts";
import { runDoctor } from "../../../lib/tmpnet/doctor/doctor.ts";
import { freePort } from "../../support/ports.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test("two stopped networks that name the same port are no fault: nobody has it", async () => {
  using directory = temporaryDirectory();
  const env = { HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") };
  const flags = { "http-port": String(await freePort()) };
  for (const owner of ["a", "b", "c"]) {
    await createNetwork({ nodes: [{ flags }], owner }, env, systemClock);
  }
  const findings = await runDoctor({}, { env });
  expect(findings.filter(({ check, status }) => check === "ports" && status !== "ok")).toEqual([]);
});
