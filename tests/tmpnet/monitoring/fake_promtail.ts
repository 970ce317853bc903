/**
 * Stands in for Promtail, which few machines have: a process that is called as Promtail is, says something on stderr,
 * serves `/ready` on the port that its configuration names, and ends on SIGTERM.
 *
 * `FAKE_PROMTAIL` says what else: `exit` ends at once after a word.
 */

import { readFileSync } from "node:fs";

const config = readFileSync((process.argv.at(-1) as string).replace("-config.file=", ""), "utf8");
if (process.env["FAKE_PROMTAIL"] === "exit") {
  process.stderr.write("error creating promtail: the moon is full\n");
  process.exit(1);
}
process.stderr.write('level=info msg="Starting Promtail"\n');
const port = Number(/http_listen_port: (\d+)/.exec(config)?.[1]);
// tmpnetctl names a port that may be in use here, and does not ask for it.
if (process.env["FAKE_PROMTAIL"] !== "no-port") {
  Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response("Not ready: no targets\n", { status: 503 }) });
}
process.on("SIGTERM", () => process.exit(0));
// One that a test forgets ends by itself.
setTimeout(() => process.exit(0), 60_000);
