/** What a wallet may spend, from a genesis on, without any node. */

import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { PLATFORM_CHAIN_ID } from "../../../lib/core/ids/id.ts";
import { newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { genesisInfo } from "../../../lib/platform/genesis/info.ts";
import { verifyTx } from "../../../lib/platform/wallet/verify.ts";
import { ownerOf, txGas, WalletState } from "../../../lib/platform/wallet/wallet_state.ts";
import { newTestGenesis } from "../../../lib/tmpnet/genesis/test_genesis.ts";
import { newNodeIdentity } from "../../../lib/tmpnet/node.ts";

const NOW = 1_760_000_000n;
const MEGA_AVAX = 1_000_000_000_000_000n;
const key = newPrivateKey();

function wallet(keys = [key]): WalletState {
  const genesis = newTestGenesis({
    networkID: 88_888,
    stakers: [newNodeIdentity(new ManualClock(Number(NOW) * 1_000))],
    keysToFund: [key],
    startTime: NOW,
  });
  return WalletState.ofGenesis(genesisInfo(genesis), keys, 1n);
}

describe("a wallet that knows its genesis", () => {
  test("can spend what is free, and once a week has passed what was locked", () => {
    const state = wallet();
    expect(state.balance(NOW)).toBe(20n * MEGA_AVAX);
    expect(state.balance(NOW + 7n * 24n * 3_600n)).toBe(21n * MEGA_AVAX);
  });

  test("has nothing with a key that the genesis does not fund", () => {
    const state = wallet([newPrivateKey()]);
    expect(state.balance(NOW)).toBe(0n);
    const make = () => state.make((b, o) => b.newCreateSubnetTx(state.ownOwner, o), { minIssuanceTime: NOW });
    expect(make).toThrow("insufficient funds");
  });

  test("spends a UTXO once, and has the change when the transaction is accepted", () => {
    const state = wallet();
    const transfer = () =>
      state.make(
        (builder, options) =>
          builder.newBaseTx(
            [{ assetID: state.avaxAssetID, amount: 5n, owner: ownerOf([new Uint8Array(20)]) }],
            options,
          ),
        { minIssuanceTime: NOW },
      );
    const tx = transfer();
    expect(transfer).toThrow("insufficient funds");
    state.accept(tx);
    expect(state.balance(NOW)).toBe(20n * MEGA_AVAX - 5n - txGas(tx));
    expect(transfer().txID).not.toBe(tx.txID);
  });

  test("refuses what no chain accepts, and has spent nothing", () => {
    const state = wallet();
    const make = (chainName: string) =>
      state.make(
        (builder, options) =>
          builder.newCreateChainTx(
            { subnetID: state.avaxAssetID, vmID: state.avaxAssetID, genesis: new Uint8Array(), chainName },
            options,
          ),
        { minIssuanceTime: NOW },
      );
    state.setOwner(state.avaxAssetID, state.ownOwner);
    expect(() => make("not-allowed")).toThrow("illegal name character");
    make("allowed");
  });

  test("divides its change, so that as many transactions follow at one time", () => {
    const state = wallet();
    const first = state.make(
      (builder, options) => builder.newCreateSubnetTx(state.ownOwner, { ...options, changeOutputs: 4 }),
      { minIssuanceTime: NOW },
    );
    expect(() => verifyTx(first.unsigned, state)).not.toThrow();
    state.accept(first);
    const free = state.utxos(PLATFORM_CHAIN_ID).filter(({ stakeableLocktime }) => stakeableLocktime === undefined);
    expect(free).toHaveLength(4);
    expect(free.reduce((sum, { amount }) => sum + amount, 0n)).toBe(20n * MEGA_AVAX - txGas(first));

    const vmID = first.txID;
    const chains = Array.from({ length: 4 }, (_, i) =>
      state.make(
        (builder, options) =>
          builder.newCreateChainTx({ subnetID: first.txID, vmID, genesis: new Uint8Array([i]) }, options),
        { minIssuanceTime: NOW },
      ),
    );
    const spent = chains.flatMap(({ unsigned }) => unsigned.inputs.map(({ outputIndex }) => outputIndex));
    expect(new Set(spent).size).toBe(4);
  });

  test("does not act for a subnet of which it knows no owner, or another one", () => {
    const state = wallet();
    const remove = () =>
      state.make(
        (builder, options) => builder.newTransferSubnetOwnershipTx(state.avaxAssetID, state.ownOwner, options),
        {
          minIssuanceTime: NOW,
        },
      );
    expect(remove).toThrow("failed to fetch owner");
    state.setOwner(state.avaxAssetID, ownerOf([new Uint8Array(20)]));
    expect(remove).toThrow("insufficient authorization");
  });
});
