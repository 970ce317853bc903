/**
 * Sends AVAX from the X- or the C-Chain towards the P-Chain, where {@link PChainWallet.importFrom} takes it in.
 *
 * Formats: upstream `vms/avm/txs` and coreth's `plugin/evm/atomic`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { sha256 } from "../../core/hashing.ts";
import { formatAddress } from "../../core/ids/bech32.ts";
import { type ID, idFromBytes, idToBytes, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import { sleep } from "../../core/sleep.ts";
import { CChainType, XChainType } from "../codec/type_ids.ts";
import { CODEC_VERSION, CodecWriter } from "../codec/writer.ts";
import { networkHRP } from "../networks.ts";
import { evmPath } from "../rpc/evm_client.ts";
import { getBlockchainID, getNetworkID } from "../rpc/info_client.ts";
import { type CallOptions, callRPC } from "../rpc/json_rpc.ts";
import { getStakingAssetID, pagedUTXOs } from "../rpc/platform_wallet_client.ts";
import { checkUint64, WalletError } from "./errors.ts";
import { DEFAULT_DECISION_TIMEOUT_MS, type IssueControl } from "./issue.ts";
import { writeInput, writeOutput } from "./layout.ts";
import { compareInputs, sortedOutputs, withCredentials } from "./marshal.ts";
import { matchOwners } from "./spend.ts";
import type { Input, Output } from "./transaction.ts";
import { ownerOf, type SourceChain } from "./wallet_state.ts";

const X_PATH = "/ext/bc/X";
const C_PATH = "/ext/bc/C/avax";

const STATUS_POLL_INTERVAL_MS = 50;

/** Gas of a C-Chain export beside its bytes: upstream's fixed part, and one signature. */
const C_EXPORT_GAS = 10_000n + 1_000n;
/** What a base fee is multiplied by: it may rise until the block is made. */
const BASE_FEE_MARGIN = 2n;
/** Wei in a nAVAX. */
const WEI_PER_NAVAX = 1_000_000_000n;

/** What is exported. */
export interface ExportRequest {
  /** Who has it: on the C-Chain by its Ethereum address. */
  readonly key: Secp256k1PrivateKey;
  /** nAVAX that arrive, less what the import costs. */
  readonly amount: bigint;
  /** Who gets it, 20 bytes. @default The key's own address. */
  readonly to?: Uint8Array | undefined;
}

/**
 * Exports AVAX to the P-Chain and waits until that is accepted.
 *
 * @returns The transaction.
 * @throws {WalletError} `insufficient-funds`, `dropped`, `undecided` or `interrupted`; {@link RPCError}.
 *
 * @example
 * ```ts
 * async function fromC(network: Network): Promise<void> {
 *   const [{ uri }, key] = [network.nodeUris()[0]!, network.preFundedKeys[0]!];
 *   await exportToP(uri, "C", { key, amount: 1_000_000_000n });
 *   await (await PChainWallet.open(uri, [key])).importFrom("C");
 * }
 * ```
 */
export async function exportToP(
  uri: string,
  chain: SourceChain,
  request: ExportRequest,
  control: IssueControl = {},
): Promise<ID> {
  const { signal } = control;
  const [networkID, chainID, avaxAssetID] = await Promise.all([
    getNetworkID(uri, { signal }),
    getBlockchainID(uri, chain, { signal }),
    getStakingAssetID(uri, { signal }),
  ]);
  const facts: ChainFacts = { uri, networkID, chainID, avaxAssetID };
  const bytes = await (chain === "X" ? xExport : cExport)(facts, request, { signal });
  const txID = idFromBytes(sha256(bytes));
  const tx = { tx: `0x${toHex(bytes)}`, encoding: "hexnc" };
  if (chain === "X") await callRPC(uri, X_PATH, "avm.issueTx", tx, { signal });
  else await callRPC(uri, C_PATH, "avax.issueTx", tx, { signal });
  await waitForAccepted(uri, chain, txID, control);
  return txID;
}

interface ChainFacts {
  readonly uri: string;
  readonly networkID: number;
  readonly chainID: ID;
  readonly avaxAssetID: ID;
}

async function xExport(facts: ChainFacts, request: ExportRequest, options: CallOptions): Promise<Uint8Array> {
  const { uri, networkID, chainID, avaxAssetID } = facts;
  const { key, amount } = request;
  const address = formatAddress("X", networkHRP(networkID), key.address);
  const [{ txFee }, utxos] = await Promise.all([
    callRPC<{ txFee: string }>(uri, "/ext/info", "info.getTxFee", {}, options),
    pagedUTXOs(uri, X_PATH, "avm.getUTXOs", [address], undefined, options),
  ]);
  const needed = checkUint64(amount + BigInt(txFee));
  const addresses = new Set([toHex(key.address)]);
  const inputs: Input[] = [];
  let found = 0n;
  for (const { txID, outputIndex, assetID, amount, owner } of utxos) {
    if (found >= needed) break;
    const sigIndices = matchOwners(owner, addresses, 0n);
    if (assetID !== avaxAssetID || sigIndices === undefined) continue;
    inputs.push({ txID, outputIndex, assetID, amount, sigIndices });
    found += amount;
  }
  if (found < needed) throw tooLittle("X", avaxAssetID, needed - found);

  const change = { assetID: avaxAssetID, amount: found - needed, owner: ownerOf([key.address]) };
  const writer = new CodecWriter().uint16(CODEC_VERSION).uint32(XChainType.ExportTx);
  writer.uint32(networkID).fixed(idToBytes(chainID));
  writer.slice(change.amount > 0n ? [change] : [], (output) => writeOutput(writer, output));
  writer.slice(inputs.sort(compareInputs), (input) => writeInput(writer, input));
  writer.variable(new Uint8Array()).fixed(idToBytes(PLATFORM_CHAIN_ID));
  writer.slice(exported(facts, request), (output) => writeOutput(writer, output));
  const unsigned = writer.bytes();
  const signature = key.sign(unsigned);
  return withCredentials(
    unsigned,
    inputs.map(({ sigIndices }) => sigIndices.map(() => signature)),
  );
}

async function cExport(facts: ChainFacts, request: ExportRequest, options: CallOptions): Promise<Uint8Array> {
  const { uri, avaxAssetID } = facts;
  const address = `0x${toHex(request.key.ethAddress)}`;
  const path = evmPath("C");
  const [nonce, baseFee, balance] = await Promise.all([
    callRPC<string>(uri, path, "eth_getTransactionCount", [address, "latest"], options),
    callRPC<string>(uri, path, "eth_baseFee", [], options),
    callRPC<string>(uri, path, "eth_getBalance", [address, "latest"], options),
  ]);
  const price = BigInt(baseFee) * BASE_FEE_MARGIN;
  const gas = BigInt(cTransaction(facts, request, 0n, 0n).length) + C_EXPORT_GAS;
  const spent = checkUint64(request.amount + (gas * price + WEI_PER_NAVAX - 1n) / WEI_PER_NAVAX);
  const missing = spent - BigInt(balance) / WEI_PER_NAVAX;
  if (missing > 0n) throw tooLittle("C", avaxAssetID, missing);
  return cTransaction(facts, request, spent, BigInt(nonce));
}

function cTransaction(facts: ChainFacts, request: ExportRequest, spent: bigint, nonce: bigint): Uint8Array {
  const { networkID, chainID, avaxAssetID } = facts;
  const { key } = request;
  const writer = new CodecWriter().uint16(CODEC_VERSION).uint32(CChainType.ExportTx);
  writer.uint32(networkID).fixed(idToBytes(chainID)).fixed(idToBytes(PLATFORM_CHAIN_ID));
  writer.slice([key.ethAddress], (address) =>
    writer.fixed(address).uint64(spent).fixed(idToBytes(avaxAssetID)).uint64(nonce),
  );
  writer.slice(exported(facts, request), (output) => writeOutput(writer, output));
  const unsigned = writer.bytes();
  return withCredentials(unsigned, [[key.sign(unsigned)]]);
}

function exported({ avaxAssetID }: ChainFacts, { amount, to, key }: ExportRequest): Output[] {
  return sortedOutputs([{ assetID: avaxAssetID, amount, owner: ownerOf([to ?? key.address]) }]);
}

async function waitForAccepted(uri: string, chain: SourceChain, txID: ID, control: IssueControl): Promise<void> {
  const { clock = systemClock as Clock, signal, timeoutMs = DEFAULT_DECISION_TIMEOUT_MS } = control;
  const deadline = clock.monotonic() + timeoutMs;
  const [path, method] = chain === "X" ? [X_PATH, "avm.getTxStatus"] : [C_PATH, "avax.getAtomicTxStatus"];
  for (;;) {
    if (signal?.aborted) throw new WalletError({ code: "interrupted" }, "The wait for an export was interrupted");
    const { status } = await callRPC<{ status: string }>(uri, path, method, { txID }, { signal });
    if (status === "Accepted") return;
    if (status === "Rejected" || status === "Dropped") {
      throw new WalletError({ code: "dropped", txID, status }, `The ${chain}-Chain export ${txID} is ${status}`);
    }
    if (clock.monotonic() >= deadline) {
      const message = `The ${chain}-Chain export ${txID} was in no block after ${timeoutMs / 1_000} seconds`;
      throw new WalletError({ code: "undecided", txID, timeoutMs }, message);
    }
    await sleep(clock, STATUS_POLL_INTERVAL_MS, signal);
  }
}

function tooLittle(chain: SourceChain, assetID: ID, missing: bigint): WalletError {
  const message = `insufficient funds: the key needs ${missing} more nAVAX on the ${chain}-Chain`;
  return new WalletError({ code: "insufficient-funds", assetID, missing }, message);
}
