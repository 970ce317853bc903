/**
 * What messages must be on every runtime: runtimes bring their own zstd, and peers must not see which one it was.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ManualClock } from "../../../lib/core/clock.ts";
import { EMPTY_NODE_ID } from "../../../lib/core/ids/node_id.ts";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import { compressZstd, ZstdDecompressor } from "../../../lib/p2p/message/compression.ts";
import { MessageError } from "../../../lib/p2p/message/errors.ts";
import { opName } from "../../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../../lib/p2p/message/parser.ts";
import {
  bytesOf,
  expectedOutcome,
  hexBytes,
  type MessagesConfig,
  ParseBench,
  type ParseEntry,
  protoJSON,
} from "../../support/vector_messages.ts";
import { loadVectors } from "../../support/vectors.ts";
import type { Scenarios } from "./scenarios.ts";

const FIXTURES = resolve(import.meta.dirname, "../../fixtures/messages");
const MIB = 2 ** 20;
const CHAIN = new Uint8Array(32).fill(7);

interface Recorded {
  readonly hex: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly op?: string;
  readonly message?: unknown;
  readonly length?: number;
  readonly sha256?: string;
}

function recorded(name: string): readonly Recorded[] {
  return JSON.parse(readFileSync(resolve(FIXTURES, `${name}.json`), "utf8")).entries;
}

/** What `run` gives, or the text of the error that it ends with: of protobuf's, only that it is one. */
function outcomeOf(run: () => object): object {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { error: withoutDetails(error.message) };
  }
}

function withoutDetails(error = ""): string {
  return error.startsWith("proto:") ? "proto:" : error;
}

/** Bytes that cannot be compressed. */
function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

export const messageScenarios: Scenarios = {
  "every message of the vectors meets the reference's verdict": async () => {
    const { config, parse } = loadVectors<{ config: MessagesConfig; parse: readonly ParseEntry[] }>("messages_parse");
    const bench = new ParseBench(config);
    for (const entry of parse) {
      assert.deepEqual(bench.outcome(bytesOf(entry), entry), expectedOutcome(entry), entry.kind);
    }
  },

  "every recorded message meets the reference's verdict": async () => {
    const parser = new MessageParser({ clock: new ManualClock() });
    for (const { error, hex, message, ok, op } of recorded("protobuf_verdicts")) {
      const outcome = outcomeOf(() => {
        const inbound = parser.parse(hexBytes(hex), EMPTY_NODE_ID, () => {});
        return { op: opName(inbound.op), message: protoJSON(inbound, true) };
      });
      assert.deepEqual(outcome, ok ? { op, message } : { error: withoutDetails(error) }, hex);
    }
  },

  "every recorded zstd stream meets the reference's verdict": async () => {
    const decompressor = new ZstdDecompressor();
    for (const { error, hex, length, ok, sha256 } of recorded("zstd_verdicts")) {
      const outcome = outcomeOf(() => {
        const content = decompressor.decompress(hexBytes(hex));
        return { length: content.length, sha256: createHash("sha256").update(content).digest("hex") };
      });
      assert.deepEqual(outcome, ok ? { length, sha256 } : { error }, hex);
    }
  },

  "what is compressed is one frame that tells its size, at every length around a buffer's": async () => {
    // The reference refuses a second frame behind the first, and so does this decompressor.
    const decompressor = new ZstdDecompressor();
    for (const length of [0, 1, 1_000, 60_000, 65_000, 65_536, 102_443, 131_072, 300_000, MIB, 2 * MIB]) {
      const bytes = randomBytes(length);
      assert.equal(Buffer.compare(decompressor.decompress(compressZstd(bytes)), bytes), 0, `${length} bytes`);
    }
  },

  "a message goes through a builder and a parser unchanged": async () => {
    const parser = new MessageParser({ clock: new ManualClock() });
    for (const compressionType of ["none", "zstd"] as const) {
      const builder = new MessageBuilder({}, { compressionType });
      for (const length of [0, 1, 128, 1_024, 65_536, MIB]) {
        const appBytes = randomBytes(length);
        const { bytes } = builder.appRequest(CHAIN, 5, 1_000_000_000, appBytes);
        const { message } = parser.parse(bytes, EMPTY_NODE_ID, () => {});
        assert.equal(Buffer.compare((message as { appBytes: Uint8Array }).appBytes, appBytes), 0);
      }
    }
  },
};
