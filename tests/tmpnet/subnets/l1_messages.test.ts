/** Who validates an L1 and with what weight, on real avalanchego nodes: messages that their own keys have signed. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { type ID, parseID } from "../../../lib/core/ids/id.ts";
import { blsSignerFromBytes } from "../../../lib/core/staking/bls.ts";
import { addressedCallPayload, warpMessageBytes } from "../../../lib/p2p/app/acp118/warp_message.ts";
import { getBlockchainID } from "../../../lib/platform/rpc/info_client.ts";
import { getL1Validator, getValidators } from "../../../lib/platform/rpc/platform_wallet_client.ts";
import { UPGRADE_TIMES } from "../../../lib/platform/upgrades.ts";
import type { WalletError } from "../../../lib/platform/wallet/errors.ts";
import { l1ValidatorWeightMessage, registerL1ValidatorMessage } from "../../../lib/platform/wallet/l1_messages.ts";
import { PChainWallet } from "../../../lib/platform/wallet/wallet.ts";
import { signedWarpMessage } from "../../../lib/platform/wallet/warp_message.ts";
import type { Network } from "../../../lib/tmpnet/network.ts";
import type { SubnetError } from "../../../lib/tmpnet/subnets/errors.ts";
import {
  deliverL1Message,
  registerL1Validator,
  setL1ValidatorWeight,
} from "../../../lib/tmpnet/subnets/l1_messages.ts";
import type { SubnetSpec } from "../../../lib/tmpnet/subnets/spec.ts";
import { needsXSVM, startWithXSVM, WITHOUT_XSVM, xsvmChain, xsvmNetwork } from "../../support/xsvm.ts";
import { homeForEachTest } from "../home.ts";

setDefaultTimeout(120_000);

const home = homeForEachTest();
const ADDRESS = new Uint8Array(20).fill(7);

/** A network whose epochs last for a second: the P-Chain soon knows of new validators. */
async function start(nodeCount: number, subnets: readonly SubnetSpec[]): Promise<Network> {
  const upgradeFile = home.directory.join("upgrades.json");
  const times = Object.fromEntries(UPGRADE_TIMES.map((name) => [name, "2020-12-05T05:00:00Z"]));
  const fields = { ...times, heliconTime: "9999-12-01T00:00:00Z", graniteEpochDuration: 1_000_000_000 };
  writeFileSync(
    upgradeFile,
    JSON.stringify({
      ...fields,
      apricotPhase4MinPChainHeight: 0,
      cortinaXChainStopVertexID: "11111111111111111111111111111111LpoYY",
    }),
  );
  const defaultFlags = { "proposervm-use-current-height": "true" };
  return await startWithXSVM(home, { nodeCount, subnets, upgradeFile, defaultFlags });
}

function l1(name: string, validators: readonly number[], managerChain?: string): SubnetSpec {
  const manager = { managerAddress: ADDRESS, ...(managerChain === undefined ? {} : { managerChain }) };
  return { name, chains: [xsvmChain()], validators, l1: manager };
}

/** Weights by node of those who validate a subnet. */
async function weights(network: Network, subnet: number): Promise<Map<string, bigint>> {
  const { uri } = network.nodeUris()[0]!;
  const validators = await getValidators(uri, parseID(network.subnets[subnet]!.subnetID));
  return new Map(validators.map(({ nodeID, weight }) => [nodeID, weight]));
}

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a node is made a validator of an L1, weighs more and is removed, by its validators' own signatures"),
  async () => {
    await using network = await start(3, [l1("a", [0]), l1("b", [1], "C")]);
    const outsider = network.node(2).nodeID;
    for (const [i, name] of ["a", "b"].entries()) {
      const asked = { node: outsider, weight: 100n, balance: 7_000_000n };
      const { validationID } = await registerL1Validator(network, name, asked);
      const node = network.node(outsider);
      const { uri } = network.nodeUris()[0]!;
      expect(await getL1Validator(uri, validationID)).toMatchObject({
        nodeID: node.nodeID,
        weight: 100n,
        minNonce: 0n,
      });
      expect(network.subnets[i]!.validatorIDs).toContain(node.nodeID);
      const { chainID } = network.subnets[i]!.chains[0]!;
      expect(await xsvmNetwork(node.uri as string, chainID)).toMatchObject({ networkID: 88_888 });

      await setL1ValidatorWeight(network, name, node.nodeID, 250n);
      expect((await weights(network, i)).get(node.nodeID)).toBe(250n);
      expect(await getL1Validator(uri, validationID)).toMatchObject({ weight: 250n, minNonce: 1n });
      await setL1ValidatorWeight(network, name, validationID, 0n);
      expect((await weights(network, i)).has(node.nodeID)).toBe(false);
    }

    const code = (error: unknown) => (error as SubnetError).type.code;
    const [first] = network.subnets[0]!.validatorIDs as [string];
    expect(await setL1ValidatorWeight(network, "a", first, 0n).catch((error: WalletError) => error.message)).toContain(
      "attempting to remove the last L1 validator",
    );
    expect(await registerL1Validator(network, "a", { node: first }).catch(code)).toBe("exists");
    expect(await setL1ValidatorWeight(network, "a", "NodeID-none", 1n).catch(code)).toBe("no-validator");
  },
);

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("messages that were signed elsewhere are handed in, and those of somebody else are refused"),
  async () => {
    await using network = await start(3, [l1("l", [0, 1], "C")]);
    const node = network.node(2);
    const { uri } = network.nodeUris()[0]!;
    const record = network.subnets[0]!;
    const cChainID = await getBlockchainID(uri, "C");
    const wallet = await PChainWallet.open(uri, network.preFundedKeys.slice(0, 1));
    const { threshold, addresses } = wallet.state.ownOwner;
    const signer = signerOf(network, 2);
    const registration = {
      subnetID: parseID(record.subnetID),
      nodeID: node.nodeID,
      publicKey: signer.publicKey,
      expiry: BigInt(Math.floor(Date.now() / 1_000) + 600),
      remainingBalanceOwner: { threshold, addresses },
      disableOwner: { threshold, addresses },
      weight: 9n,
    };
    const register = (source: ID, address: Uint8Array, count = 3) => ({
      kind: "register" as const,
      message: signed(network, source, address, registerL1ValidatorMessage(registration), count),
      balance: 1_000_000_000n,
    });
    const refusal = (message: Parameters<typeof deliverL1Message>[2]) =>
      deliverL1Message(network, "l", message).catch((error: Error) => error.message);
    expect(await refusal(register(cChainID, ADDRESS.slice(1)))).toContain("wrong warp message source address");
    expect(await refusal(register(cChainID, ADDRESS, 1))).toContain("signature weight is insufficient");
    await deliverL1Message(network, "l", register(cChainID, ADDRESS));
    expect((await weights(network, 0)).get(node.nodeID)).toBe(9n);

    const validations = await getValidators(uri, parseID(record.subnetID));
    const { validationID } = validations.find(({ nodeID }) => nodeID === node.nodeID)!;
    const weigh = (nonce: bigint, weight: bigint) => ({
      kind: "weight" as const,
      message: signed(
        network,
        cChainID,
        ADDRESS,
        l1ValidatorWeightMessage({ validationID: validationID as ID, nonce, weight }),
        3,
      ),
    });
    await deliverL1Message(network, "l", weigh(5n, 12n));
    expect((await weights(network, 0)).get(node.nodeID)).toBe(12n);
    expect(await refusal(weigh(5n, 13n))).toContain("stale nonce");
    await deliverL1Message(network, "l", weigh(6n, 0n));
    expect((await weights(network, 0)).has(node.nodeID)).toBe(false);
  },
);

function signerOf(network: Network, node: number) {
  const key = network.node(node).flags["staking-signer-key-file-content"] as string;
  return blsSignerFromBytes(new Uint8Array(Buffer.from(key, "base64")));
}

/** Signs for the Primary Network, whose validators weigh the same, with the keys of so many of its nodes. */
function signed(network: Network, sourceChainID: ID, address: Uint8Array, body: Uint8Array, count: number): Uint8Array {
  const payload = addressedCallPayload(address, body);
  const unsigned = warpMessageBytes({ networkID: 88_888, sourceChainID, payload });
  const { G1, G2 } = bls12_381;
  // In the order of the uncompressed keys.
  const signers = network.nodes
    .map((_, i) => signerOf(network, i))
    .map((one) => ({ one, key: Buffer.from(G1.Point.fromBytes(one.publicKey).toBytes(false)).toString("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, count);
  const sum = signers.reduce((total, { one }) => total.add(G2.Point.fromBytes(one.sign(unsigned))), G2.Point.ZERO);
  return signedWarpMessage(
    unsigned,
    signers.map((_, i) => i),
    sum.toBytes(),
  );
}
