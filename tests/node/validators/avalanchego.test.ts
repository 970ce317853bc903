/** A node that real avalanchego nodes tell who validates, while they change it. */

import { expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import { EMPTY_ID, type ID, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Node } from "../../../lib/node/node.ts";
import { formatGenesis } from "../../../lib/platform/genesis/text.ts";
import { getPeers } from "../../../lib/platform/rpc/info_client.ts";
import { callRPC } from "../../../lib/platform/rpc/json_rpc.ts";
import { getHeight } from "../../../lib/platform/rpc/platform_client.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { avxEnvironment } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { newL1Validator, PChainWallet } from "../../support/p_chain_wallet.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, LOOPBACK, nodeConfig } from "../support.ts";

/** The reference's own validator manager, and this node's, in one form. */
async function bothViews(uri: string, node: Node, subnetID: ID) {
  const height = String(await getHeight(uri));
  const theirs = await callRPC<object>(uri, "/ext/bc/P", "platform.getValidatorsAt", { height, subnetID });
  const ours = [...node.validators.validators(subnetID)].map(({ nodeID, publicKey, weight }) => [
    nodeID,
    { publicKey: publicKey === undefined ? null : `0x${toHex(publicKey)}`, weight: String(weight) },
  ]);
  return { height, theirs, ours: Object.fromEntries(ours) as object };
}

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("a node sees avalanchego's validators change: stake, subnets and L1s, with BLS keys"),
  async () => {
    using directory = temporaryDirectory();
    const env = avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") });
    const options = { nodeCount: 2, avalanchegoPath: AVALANCHEGO };
    await using network = await Network.start(options, {}, { env });
    const [one, two] = network.nodeUris();
    if (one === undefined || two === undefined) throw new Error("there are not two nodes");
    const { uri } = one;
    const wallet = await PChainWallet.open(uri, network.preFundedKeys[0]!);
    const subnet = await wallet.createSubnet();
    const l1 = await wallet.createSubnet();

    const bootstrapper = (await getPeers(two.uri)).find(({ nodeID }) => nodeID === one.nodeID)!;
    const config = {
      ...LOOPBACK,
      "data-dir": directory.join("avx"),
      "network-id": String(network.networkID),
      "genesis-file-content": base64(formatGenesis(network.genesis!)),
      "track-subnets": `${subnet},${l1}`,
      "bootstrap-ips": bootstrapper.publicIP,
      "bootstrap-ids": one.nodeID,
      "validators-uri": uri,
      "validators-frequency": "50ms",
      "network-peer-list-pull-gossip-frequency": "100ms",
    };
    await using node = await Node.start(nodeConfig(config));
    const agreed = (...subnetIDs: ID[]) =>
      eventually("both see the same validators", async () => {
        const views = await Promise.all(subnetIDs.map((subnetID) => bothViews(uri, node, subnetID)));
        return views.every(({ theirs, ours }) => Bun.deepEquals(theirs, ours));
      });
    await agreed(PRIMARY_NETWORK_ID);
    await eventually("it is connected to both", () => node.network.peerInfo().length === 2);
    expect(node.network.connectedStake(PRIMARY_NETWORK_ID).disconnected).toEqual([]);
    const peer = (await getPeers(uri)).find(({ nodeID }) => nodeID === node.nodeID);
    expect([...peer!.trackedSubnets].sort()).toEqual([PRIMARY_NETWORK_ID, subnet, l1].sort());

    const before = node.validators.getWeight(PRIMARY_NETWORK_ID, two.nodeID);
    await wallet.delegate(two.nodeID, 123_456_789_012n);
    await agreed(PRIMARY_NETWORK_ID);
    expect(node.validators.getWeight(PRIMARY_NETWORK_ID, two.nodeID)).toBe(before + 123_456_789_012n);

    const txID = await wallet.addSubnetValidator(subnet, two.nodeID, 77n);
    await agreed(subnet);
    expect(node.validators.getValidator(subnet, two.nodeID)).toMatchObject({ weight: 77n, txID });

    const stranger = newTLSCert().certificate.nodeID;
    const validators = [newL1Validator(one.nodeID, 2n ** 63n), newL1Validator(stranger, 5n)];
    const validationIDs = await wallet.convertToL1(l1, validators);
    await agreed(l1);
    expect(node.validators.getValidator(l1, stranger)).toEqual({
      nodeID: stranger,
      weight: 5n,
      txID: validationIDs[1]!,
      publicKey: validators[1]!.signer.publicKey,
    });
    expect(node.validators.totalWeight(l1)).toBe(2n ** 63n + 5n);

    await wallet.disableL1Validator(validationIDs[1]!);
    await agreed(l1);
    expect([...node.validators.validators(l1)].map(({ txID, weight }) => [txID, weight])).toEqual([
      [validationIDs[0]!, 2n ** 63n],
      [EMPTY_ID, 5n],
    ]);
    await agreed(PRIMARY_NETWORK_ID, subnet, l1);
    expect(node.network.peerInfo()).toHaveLength(2);
  },
  90_000,
);
