/**
 * Packs the public data of the standard networks from a checkout of avalanchego into `lib/platform/genesis/data`.
 *
 *     bun scripts/pack_genesis.ts <checkout>
 *
 * A genesis is its JSON as upstream has it, compressed with zstd and written as base64; validators are the 20 bytes of
 * each node ID, one after another, in base64; bootstrappers stay JSON. JSON modules are what both runtimes import and
 * `bun build --compile` takes into the executable.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { concatBytes } from "../lib/core/bytes.ts";
import { nodeIDToBytes, parseNodeID } from "../lib/core/ids/node_id.ts";

const DATA = join(import.meta.dirname, "..", "lib", "platform", "genesis", "data");
const NETWORKS = ["mainnet", "fuji", "local"];
const ZSTD_LEVEL = 19;

const [checkout] = process.argv.slice(2);
if (checkout === undefined) throw new Error("Usage: bun scripts/pack_genesis.ts <checkout of avalanchego>");

const source = (name: string): Buffer => readFileSync(join(checkout, "genesis", name));
const write = (name: string, value: unknown): void =>
  writeFileSync(join(DATA, name), `${JSON.stringify(value, null, 2)}\n`);

for (const network of NETWORKS) {
  const json = source(`genesis_${network}.json`);
  const packed = zstdCompressSync(json, {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 0 },
  });
  write(`genesis_${network}.json`, {
    source: `avalanchego genesis/genesis_${network}.json`,
    length: json.length,
    sha256: createHash("sha256").update(json).digest("hex"),
    zstdBase64: packed.toString("base64"),
  });
}

const validators = JSON.parse(source("validators.json").toString()) as Record<string, string[]>;
write("validators.json", {
  source: "avalanchego genesis/validators.json",
  ...Object.fromEntries(
    Object.entries(validators).map(([network, nodeIDs]) => {
      const bytes = concatBytes(...nodeIDs.map((text) => nodeIDToBytes(parseNodeID(text))));
      return [network, Buffer.from(bytes).toString("base64")];
    }),
  ),
});

write("bootstrappers.json", JSON.parse(source("bootstrappers.json").toString()));
