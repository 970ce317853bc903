/** A wallet on a real network: transfers, and AVAX that comes from the X- and the C-Chain. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { exportToP } from "../../../lib/platform/wallet/atomic_export.ts";
import type { WalletError } from "../../../lib/platform/wallet/errors.ts";
import { PChainWallet } from "../../../lib/platform/wallet/wallet.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();
const AVAX = 1_000_000_000n;

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("AVAX goes from key to key on the P-Chain, and there from the X- and the C-Chain"),
  async () => {
    await using network = await Network.start({ nodeCount: 2, avalanchegoPath: AVALANCHEGO }, {}, { env: home.env });
    const { uri } = network.nodeUris()[0]!;
    const [key] = network.preFundedKeys;
    const wallet = await PChainWallet.open(uri, [key!]);
    expect(wallet.balance).toBe(20_000_000n * AVAX);

    const other = newPrivateKey();
    await wallet.transfer(other.address, 5n * AVAX);
    const receiver = await PChainWallet.open(uri, [other]);
    expect(receiver.balance).toBe(5n * AVAX);
    expect(wallet.balance).toBeLessThan(19_999_995n * AVAX);
    await wallet.refresh();
    const left = wallet.balance;

    for (const chain of ["X", "C"] as const) {
      await exportToP(uri, chain, { key: key!, amount: 7n * AVAX });
      await wallet.importFrom(chain);
    }
    expect(wallet.balance).toBeGreaterThan(left + 13n * AVAX);
    await exportToP(uri, "C", { key: key!, amount: 2n * AVAX, to: other.address });
    await receiver.importFrom("C");
    expect(receiver.balance).toBeGreaterThan(6n * AVAX);

    const codeOf = (error: unknown) => (error as WalletError).type.code;
    expect(await receiver.transfer(key!.address, 100n * AVAX).catch(codeOf)).toBe("insufficient-funds");
    expect(await receiver.importFrom("X").catch(codeOf)).toBe("insufficient-funds");
    for (const chain of ["X", "C"] as const) {
      expect(await exportToP(uri, chain, { key: other, amount: AVAX }).catch(codeOf)).toBe("insufficient-funds");
    }
    // What could not be done has spent nothing.
    await receiver.transfer(key!.address, AVAX);
  },
);
