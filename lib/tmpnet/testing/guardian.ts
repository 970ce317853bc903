/**
 * Ends a network when the process that it belongs to ends, however that ends.
 *
 * Test runners do not all let a process say good-bye, and one that is killed cannot. So a child waits for the end of its
 * input, which only the end of this process brings, and then removes the network.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { ownCommand } from "../own_command.ts";

/** Waits for the end of its input, and becomes the command that it was given. */
const WAIT_AND_DO = 'cat > /dev/null; exec "$@"';

/**
 * Watches over a network from now on.
 *
 * @param networkDir Its directory; it is removed, too.
 * @returns Ends the watching: the network stays.
 */
export function guardNetwork(networkDir: string): Disposable {
  const clean = ["net", "clean", "--network-dir", networkDir, "--root-network-dir", dirname(networkDir), "--stop"];
  const command = commandIfAny();
  // The network is still ended by the next process that looks for networks of ended ones.
  if (command === undefined) return { [Symbol.dispose]() {} };
  const child = spawn("/bin/sh", ["-c", WAIT_AND_DO, "sh", ...command, ...clean], {
    // Of its own session: what ends all processes of a terminal does not end this one.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return {
    [Symbol.dispose]() {
      child.kill("SIGKILL");
      child.stdin.destroy();
    },
  };
}

/** avalanchego's nodes run where nothing runs avx's. */
function commandIfAny(): string[] | undefined {
  try {
    return ownCommand();
  } catch {
    return undefined;
  }
}
