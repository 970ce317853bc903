/**
 * Whether a peer whose words are well-formed may stay.
 *
 * @module
 */

import { EMPTY_ID, type ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type VerifyProofOfPossession, verifyKnownProof } from "../../core/staking/known_proofs.ts";
import { unsignedIPBytes } from "../../core/staking/signed_ip.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { Compatibility } from "../../core/version/compatibility.ts";
import type { HandshakeClaims } from "./handshake.ts";

/** What fitness is judged by. */
export interface FitnessModules {
  readonly validators: ValidatorManager;
  readonly versionCompatibility: Compatibility;
  /** Whether a BLS signature over a claim to an IP is of a validator's key. @default {verifyKnownProof} */
  readonly verifyProofOfPossession?: VerifyProofOfPossession | undefined;
}

/**
 * Judges one peer, at its Handshake and again with each ping: upgrades pass, and nodes become validators (upstream
 * `network/peer/peer.go`, `shouldDisconnect`).
 */
export class Fitness {
  readonly #modules: FitnessModules;
  readonly #nodeID: NodeID;
  /** The transaction and BLS key of the validator that was last seen to have signed the peer's IP. */
  #verified: { readonly txID: ID; readonly publicKey: Uint8Array } | undefined;

  constructor(modules: FitnessModules, nodeID: NodeID) {
    this.#modules = modules;
    this.#nodeID = nodeID;
  }

  /** Why the peer cannot stay, or `undefined`. */
  unfitReason(claims: HandshakeClaims): "incompatible-version" | "invalid-bls-signature" | undefined {
    const { validators, versionCompatibility } = this.#modules;
    if (!versionCompatibility.compatible(claims.version)) return "incompatible-version";

    const { publicKey, txID } = validators.getValidator(PRIMARY_NETWORK_ID, this.#nodeID) ?? NOBODY;
    if (publicKey === undefined) return undefined;
    // A chain changes the key with the transaction only; a P-Chain API that is asked for both may tell of another chain.
    if (txID === this.#verified?.txID && publicKey === this.#verified.publicKey) return undefined;
    const verify = this.#modules.verifyProofOfPossession ?? verifyKnownProof;
    if (!verify(publicKey, claims.ip.blsSignature, unsignedIPBytes(claims.ip))) return "invalid-bls-signature";
    // Once for each time that the node becomes a validator: a pairing costs a millisecond.
    this.#verified = { txID, publicKey };
    return undefined;
  }
}

const NOBODY = { publicKey: undefined, txID: EMPTY_ID };
