/**
 * Signs for a chain with the keys of the network's own nodes: whoever has a temporary network has all of them.
 *
 * The P-Chain takes a message where two thirds of the source chain's validators signed it, by weight. Which validators
 * those are is not looked at anew with each block: they are those at the beginning of an epoch (ACP-181), and on a chain
 * without blocks an epoch does not end. So for validators that are younger than the epoch blocks are made until the next
 * one begins.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { systemClock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import { sleep } from "../../core/sleep.ts";
import { aggregateBLSSignatures, type BLSSigner } from "../../core/staking/bls.ts";
import { addressedCallPayload, warpMessageBytes } from "../../p2p/app/acp118/warp_message.ts";
import { getHeight } from "../../platform/rpc/platform_client.ts";
import {
  getCurrentEpoch,
  getValidatedBy,
  getWarpValidators,
  type WarpValidators,
} from "../../platform/rpc/warp_client.ts";
import type { PChainWallet } from "../../platform/wallet/wallet.ts";
import { signedWarpMessage } from "../../platform/wallet/warp_message.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import type { TmpnetNode } from "../node.ts";
import { blsSignerOf } from "./bls_key.ts";
import { SubnetError } from "./errors.ts";
import type { SubnetControl, SubnetHost } from "./host.ts";

/** How much of the weight must have signed: upstream `vms/platformvm/txs/executor/warp_verifier.go`. */
const QUORUM_PERCENT = 67n;

/** How often a block is made while an epoch is waited for, in milliseconds: an epoch has 30 seconds. */
const BLOCK_INTERVAL_MS = 1_000;

/** Who says something. */
export interface WarpSource {
  readonly chainID: ID;
  /** Of the contract that speaks; empty for the chain itself. */
  readonly address: Uint8Array;
}

/** A message that was signed. */
export interface SignedForL1 {
  readonly message: Uint8Array;
  /** The P-Chain's height whose validators signed. */
  readonly height: bigint;
}

/** A key that signs. */
interface Signing {
  /** Among the validators' keys, in their order. */
  readonly place: number;
  readonly weight: bigint;
  readonly signer: BLSSigner;
}

/**
 * Signs what a chain's contract is to have said.
 *
 * @param wallet Pays for blocks where an epoch must be waited for: some nAVAX each.
 * @throws {SubnetError} `signatures` where the network's nodes have not the keys for it; `interrupted`.
 */
export async function signWithOwnKeys(
  host: SubnetHost,
  wallet: PChainWallet,
  { chainID, address }: WarpSource,
  payload: Uint8Array,
  control: SubnetControl,
): Promise<SignedForL1> {
  const unsigned = warpMessageBytes({
    networkID: wallet.state.networkID,
    sourceChainID: chainID,
    payload: addressedCallPayload(address, payload),
  });
  const subnetID = await getValidatedBy(wallet.uri, chainID, { signal: control.signal });
  const { height, signing } = await waitForQuorum(wallet, subnetID, signersOf(host.nodes), control);
  const signature = aggregateBLSSignatures(signing.map(({ signer }) => signer.sign(unsigned)));
  const places = signing.map(({ place }) => place);
  return { message: signedWarpMessage(unsigned, places, signature), height };
}

async function waitForQuorum(
  wallet: PChainWallet,
  subnetID: ID,
  signers: ReadonlyMap<string, BLSSigner>,
  { clock = systemClock, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, signal, onProgress }: SubnetControl,
): Promise<{ readonly height: bigint; readonly signing: readonly Signing[] }> {
  const { uri } = wallet;
  const deadline = clock.monotonic() + timeoutMs;
  const [owner] = wallet.state.ownOwner.addresses;
  for (let blocks = 0; ; blocks++) {
    const { pChainHeight: height } = await getCurrentEpoch(uri, { signal });
    const signing = quorumOf(await getWarpValidators(uri, subnetID, height, { signal }), signers);
    if (signing !== undefined) return { height, signing };
    const now = await getWarpValidators(uri, subnetID, await getHeight(uri, { signal }), { signal });
    if (quorumOf(now, signers) === undefined) throw noQuorum(subnetID, now, signers);
    if (blocks === 0) {
      const message =
        "The P-Chain does not know the validators' keys yet: it looks again once an epoch of 30 s is over";
      onProgress?.({ kind: "warning", message });
    }
    if (clock.monotonic() >= deadline) {
      const message = `The P-Chain still looked at older validators of subnet ${subnetID} after ${timeoutMs / 1_000} s`;
      throw new SubnetError({ code: "signatures", subnetID }, message, { hint: "Try again with a longer --timeout" });
    }
    await wallet.transfer(owner as Uint8Array, 1n, { clock, signal });
    await sleep(clock, BLOCK_INTERVAL_MS, signal);
  }
}

/** Those of the validators whose keys are here, where they are enough. */
function quorumOf(
  { validators, totalWeight }: WarpValidators,
  signers: ReadonlyMap<string, BLSSigner>,
): Signing[] | undefined {
  const signing = validators.flatMap(({ publicKey, weight }, place) => {
    const signer = signers.get(toHex(publicKey));
    return signer === undefined ? [] : [{ place, weight, signer }];
  });
  const weight = weightOf(signing);
  return weight > 0n && weight * 100n >= totalWeight * QUORUM_PERCENT ? signing : undefined;
}

function noQuorum(
  subnetID: ID,
  { validators, totalWeight }: WarpValidators,
  signers: ReadonlyMap<string, BLSSigner>,
): SubnetError {
  const active = weightOf(validators);
  const own = weightOf(validators.filter(({ publicKey }) => signers.has(toHex(publicKey))));
  const message =
    `Two thirds of subnet ${subnetID}'s validators must sign, by weight: of ${totalWeight} in all, ` +
    `${active} is active, and for ${own} of it the network's nodes have the keys`;
  const hint =
    active < totalWeight
      ? "Make validators active again with avx net l1 increase-balance"
      : "Have the others sign, and hand the message in with --message";
  return new SubnetError({ code: "signatures", subnetID }, message, { hint });
}

function weightOf(items: readonly { readonly weight: bigint }[]): bigint {
  return items.reduce((sum, { weight }) => sum + weight, 0n);
}

/** By public key in hex. */
function signersOf(nodes: readonly Pick<TmpnetNode, "flags">[]): Map<string, BLSSigner> {
  const signers = nodes.map(blsSignerOf).filter((signer) => signer !== undefined);
  return new Map(signers.map((signer) => [toHex(signer.publicKey), signer]));
}
