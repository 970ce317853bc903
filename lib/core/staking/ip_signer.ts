/**
 * Signs this node's own address, and no more often than it changes (upstream `network/peer/ip_signer.go`).
 *
 * Unlike upstream it signs again when the clock has been set back: peers refuse a claim from the future, and a node whose
 * clock was ahead when it started would be refused until that time has come.
 *
 * @module
 */

import { type Clock, unixSeconds } from "../clock.ts";
import { type AddrPort, addrPortsEqual } from "../ip.ts";
import type { BLSSigner } from "./bls.ts";
import { type SignedIP, signIP } from "./signed_ip.ts";
import type { TLSCert } from "./tls_cert.ts";

/** What an {@link IPSigner} needs. */
export interface IPSignerModules {
  readonly clock: Clock;
  readonly tlsCert: Pick<TLSCert, "sign">;
  readonly blsSigner: BLSSigner;
  /** Where the node is now. */
  readonly getAddrPort: () => AddrPort;
}

export class IPSigner {
  readonly #modules: IPSignerModules;
  #signed: SignedIP | undefined;

  constructor(modules: IPSignerModules) {
    this.#modules = modules;
  }

  /** The signed claim to the present address: the same object until address or port is another, or its time is to come. */
  getSignedIP(): SignedIP {
    const { blsSigner, clock, getAddrPort, tlsCert } = this.#modules;
    const addrPort = getAddrPort();
    const timestamp = unixSeconds(clock);
    const signed = this.#signed;
    if (signed !== undefined && addrPortsEqual(signed.addrPort, addrPort) && signed.timestamp <= timestamp)
      return signed;
    this.#signed = signIP({ addrPort, timestamp }, tlsCert, blsSigner);
    return this.#signed;
  }
}
