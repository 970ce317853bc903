/**
 * Runs examples, on Bun or Deno: `run_examples.ts <file>...`. Prints one JSON line for each.
 *
 * An example runs by being imported. One that exports an app is run by two nodes, all apps together.
 *
 * @module
 */

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, loadApp, Network } from "../../mod.ts";

function tell(path: string, error: unknown): void {
  const message = error === undefined ? null : error instanceof Error ? `${error.stack}` : String(error);
  process.stdout.write(`${JSON.stringify({ name: basename(path, ".ts"), error: message })}\n`);
}

async function runApps(apps: ReadonlyMap<string, App>): Promise<void> {
  await using network = await Network.start({ nodeCount: 2, apps: [...apps.keys()] });
  // Long enough for what the apps do every so often to be done.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [node] = network.nodeUris();
  const health = (await (await fetch(`${node?.uri}/ext/health`)).json()) as {
    checks: { apps: { message: Record<string, unknown>; error?: string } };
  };
  for (const [path, { name }] of apps) {
    const state = JSON.stringify(health.checks.apps.message[name]);
    const isRunning = state !== undefined && !health.checks.apps.error?.includes(name);
    tell(path, isRunning ? undefined : `${name}: ${state}, ${health.checks.apps.error}`);
  }
}

const apps = new Map<string, App>();
for (const path of process.argv.slice(2)) {
  try {
    const exported = (await import(pathToFileURL(path).href)) as { default?: unknown };
    if (exported.default === undefined) tell(path, undefined);
    else apps.set(path, await loadApp(path));
  } catch (error) {
    tell(path, error);
  }
}
if (apps.size > 0) {
  try {
    await runApps(apps);
  } catch (error) {
    for (const path of apps.keys()) tell(path, error);
  }
}
process.exit(0);
