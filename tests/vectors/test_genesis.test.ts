/** Geneses for temporary networks, equal to upstream's from the same inputs: the vectors' `geneses`. */

import { describe, expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { parseAddress } from "../../lib/core/ids/bech32.ts";
import { parseNodeID } from "../../lib/core/ids/node_id.ts";
import { parsePrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { blsSignerFromBytes } from "../../lib/core/staking/bls.ts";
import { newProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { formatGenesis, parseGenesis } from "../../lib/platform/genesis/text.ts";
import { newTestGenesis } from "../../lib/tmpnet/genesis/test_genesis.ts";
import { loadVectors } from "../support/vectors.ts";
import { bytesOf } from "../support/verdict.ts";

interface GenesisVectors {
  readonly geneses: readonly {
    readonly name: string;
    readonly genesisJSON: string;
    readonly nodes: readonly { readonly nodeID: string; readonly blsSecretKey: string }[];
    readonly fundedKeys: readonly string[];
  }[];
}

const { geneses } = loadVectors<GenesisVectors>("genesis");

describe("a genesis from the same nodes and keys is the reference's, byte for byte", () => {
  test.each(geneses.map((entry) => [entry.name, entry] as const))("%s", (_, { genesisJSON, nodes, fundedKeys }) => {
    const reference = parseGenesis(genesisJSON);
    const owner = (text: string) => parseAddress(text).bytes;
    const made = newTestGenesis({
      networkID: reference.networkID,
      stakers: nodes.map(({ nodeID, blsSecretKey }) => ({
        nodeID: parseNodeID(nodeID),
        signer: newProofOfPossession(blsSignerFromBytes(bytesOf(blsSecretKey))),
      })),
      keysToFund: fundedKeys.map(parsePrivateKey),
      startTime: reference.startTime,
      // Upstream draws both from a counter of its process.
      stakeOwner: owner(JSON.parse(genesisJSON).initialStakedFunds[0]),
      rewardOwner: owner(JSON.parse(genesisJSON).initialStakers[0].rewardAddress),
    });
    // Upstream walks a Go map: the order of the funded addresses is chance there.
    const rank = new Map(reference.allocations.map(({ avaxAddr }, i) => [toHex(avaxAddr), i]));
    const allocations = made.allocations.toSorted(
      (a, b) => (rank.get(toHex(a.avaxAddr)) ?? -1) - (rank.get(toHex(b.avaxAddr)) ?? -1),
    );
    expect(formatGenesis({ ...made, allocations })).toBe(genesisJSON);
  });
});
