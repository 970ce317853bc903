/**
 * Acts for a subnet with the key that owns it.
 *
 * @module
 */

import { type ID, parseID } from "../../core/ids/id.ts";
import { parsePrivateKey } from "../../core/secp256k1/private_key.ts";
import { PChainWallet } from "../../platform/wallet/wallet.ts";
import { isCreated, type SubnetRecord } from "../disk/subnets.ts";
import { SubnetError } from "./errors.ts";
import { requireNodes, type SubnetControl, type SubnetHost } from "./host.ts";

/** A subnet's owner at work. */
export interface SubnetOwner {
  /** May act for the subnet; the owner is the deactivation owner of its L1's validators, too. */
  readonly wallet: PChainWallet;
  readonly subnetID: ID;
  /** The node that is asked. */
  readonly uri: string;
}

/**
 * Opens the wallet of a subnet's owner.
 *
 * @throws {SubnetError} `no-subnet` for one that is not on the P-Chain, `no-key` where its file has none, `nodes`.
 */
export async function openOwner(
  host: SubnetHost,
  { name, subnetID, owningKey }: SubnetRecord,
  { clock, signal }: SubnetControl,
): Promise<SubnetOwner> {
  if (!isCreated(subnetID)) {
    throw new SubnetError({ code: "no-subnet", subnet: name }, `Subnet "${name}" is not on the P-Chain yet`);
  }
  if (owningKey === undefined) {
    throw new SubnetError({ code: "no-key" }, `The key that owns subnet "${name}" is not known: its file has none`);
  }
  const [{ uri }] = requireNodes(host);
  const wallet = await PChainWallet.open(uri, [parsePrivateKey(owningKey)], { clock, signal });
  const id = parseID(subnetID);
  await wallet.learnSubnetOwner(id, { signal });
  return { wallet, subnetID: id, uri };
}

/** What of a command's control transactions take. */
export function issuing({ clock, signal, timeoutMs }: SubnetControl) {
  return { clock, signal, timeoutMs };
}
