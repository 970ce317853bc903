/**
 * A key that a network's genesis funds, in all the forms that tools take.
 *
 * @module
 */

import { formatAddress } from "../core/ids/bech32.ts";
import { formatPrivateKey, Secp256k1PrivateKey } from "../core/secp256k1/private_key.ts";
import { formatEthAddress } from "../core/secp256k1/public_key.ts";
import { networkHRP } from "../platform/networks.ts";

/** What starts with `0x`, as Ethereum's tools want it. */
export type Hex = `0x${string}`;

/**
 * A funded key with its addresses on one network. It shows its secret only when it is asked for by name.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const [key] = network.preFundedKeys;
 * console.log(key?.cChainAddress, key?.pChainAddress);
 * ```
 */
export class FundedKey extends Secp256k1PrivateKey {
  readonly #hrp: string;

  /** @param networkID Its prefix stands in addresses. */
  constructor(key: Secp256k1PrivateKey, networkID: number) {
    super(key.secretBytes());
    this.#hrp = networkHRP(networkID);
  }

  /** With `0x`, as Ethereum's tools take it: viem's `privateKeyToAccount`, for one. */
  get privateKeyHex(): Hex {
    return `0x${this.secretHex()}`;
  }

  /** `PrivateKey-…`, in CB58, as Avalanche's tools take it. */
  get privateKey(): string {
    return formatPrivateKey(this);
  }

  /** Such as `X-custom1…`. */
  get xChainAddress(): string {
    return formatAddress("X", this.#hrp, this.address);
  }

  /** Such as `P-custom1…`. */
  get pChainAddress(): string {
    return formatAddress("P", this.#hrp, this.address);
  }

  /** `0x…`, checksummed. */
  get cChainAddress(): Hex {
    return formatEthAddress(this.ethAddress);
  }
}
