/**
 * A name server on 127.0.0.1 that knows as much as a test tells it (RFC 1035, section 4).
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { ipTo16 } from "../../lib/core/ip.ts";

const HEADER_LENGTH = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const RESPONSE_FLAGS = 0x8180;
const NAME_ERROR = 3;

export interface DNSServer extends AsyncDisposable {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** The names and types that were asked for. */
  readonly questions: string[];
  /** The IPs that it answers with; those of the type that is asked for. */
  ips: string[];
  /** Whether it answers at all. */
  answers: boolean;
}

/** Starts it. */
export async function startDNSServer(...ips: string[]): Promise<DNSServer> {
  const socket = createSocket("udp4");
  const server: DNSServer = {
    get address() {
      return `127.0.0.1:${socket.address().port}`;
    },
    questions: [],
    ips,
    answers: true,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
  socket.on("message", (query, remote) => {
    const { name, type, end } = readQuestion(query);
    server.questions.push(`${type === TYPE_A ? "A" : "AAAA"} ${name}`);
    if (server.answers) socket.send(answer(query.subarray(0, end), type, server.ips), remote.port, remote.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return server;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_LENGTH;
  for (let length = query.readUInt8(at++); length > 0; length = query.readUInt8(at++)) {
    labels.push(query.toString("latin1", at, at + length));
    at += length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at), end: at + 4 };
}

/** @param question The query without what stands behind its question. */
function answer(question: Buffer, type: number, ips: readonly string[]): Buffer {
  const records = ips
    .filter((ip) => (type === TYPE_AAAA) === ip.includes(":"))
    .map((ip) => {
      const data = type === TYPE_AAAA ? ipTo16(ip) : ipTo16(ip).subarray(-4);
      const record = Buffer.alloc(HEADER_LENGTH);
      record.writeUInt16BE(0xc000 | HEADER_LENGTH, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    });
  const header = Buffer.from(question);
  header.writeUInt16BE(RESPONSE_FLAGS | (ips.length === 0 ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, ...records]);
}
