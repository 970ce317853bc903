/**
 * Bare TCP connections to a port of this machine.
 *
 * @module
 */

import { connect, type Socket } from "node:net";

/** Connects, and says what there is to say first. */
export async function connectSocket(port: number, first?: Uint8Array): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  if (first !== undefined) socket.write(first);
  return socket;
}

/** Resolves when the other side has ended the connection. */
export function socketClosed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  socket.resume();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
