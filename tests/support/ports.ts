/**
 * Ports that nobody listens on.
 *
 * @module
 */

import { type AddressInfo, createServer } from "node:net";

/**
 * Ports on 127.0.0.1 that were free a moment ago, all different.
 *
 * Another process may take one in between: listen on port 0 wherever the test can ask for the port afterwards.
 *
 * @param count How many.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once("error", reject);
            server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** One port on 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}
