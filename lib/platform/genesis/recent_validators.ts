/**
 * Who validated a public network when the built-in list was made: worth connecting to before the chain has told more.
 *
 * Source: upstream `genesis/validators.go`; data: `data/README.md`.
 *
 * @module
 */

import { NODE_ID_LENGTH, type NodeID, nodeIDFromBytes } from "../../core/ids/node_id.ts";
import { networkName } from "../networks.ts";

/**
 * The recent validators of a network; none for networks other than mainnet and fuji.
 *
 * @param networkID The list is imported when it is first asked for.
 */
export async function recentValidators(networkID: number): Promise<NodeID[]> {
  const { default: data } = await import("./data/validators.json", { with: { type: "json" } });
  const packed = (data as Readonly<Record<string, string>>)[networkName(networkID)] ?? "";
  const bytes = new Uint8Array(Buffer.from(packed, "base64"));
  return Array.from({ length: bytes.length / NODE_ID_LENGTH }, (_, i) =>
    nodeIDFromBytes(bytes.subarray(i * NODE_ID_LENGTH, (i + 1) * NODE_ID_LENGTH)),
  );
}
