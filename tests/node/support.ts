/**
 * Nodes of a network of their own, in this process.
 *
 * @module
 */

import { newPrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ConfigError } from "../../lib/node/config/errors.ts";
import { nodeConfig as configFromFlags } from "../../lib/node/config/from_flags.ts";
import type { NodeConfig } from "../../lib/node/config/node_config.ts";
import { formatGenesis } from "../../lib/platform/genesis/text.ts";
import { newTestGenesis } from "../../lib/tmpnet/genesis/test_genesis.ts";

/** A staker of a test network: flags that give a node its identity. */
export interface Staker {
  readonly nodeID: string;
  readonly flags: Readonly<Record<string, string>>;
}

/** A network whose genesis has some stakers. */
export interface TestNetwork {
  readonly stakers: readonly Staker[];
  /** Flags that all nodes share: network, genesis, loopback addresses, dynamic ports, quick health checks. */
  readonly flags: Readonly<Record<string, string>>;
}

export const TEST_NETWORK_ID = 88_888;

/** Makes identities and a genesis that stakes them equally. */
export function testNetwork(count: number): TestNetwork {
  const identities = Array.from({ length: count }, () => ({ tls: newTLSCert(), signer: newBLSSigner() }));
  const genesis = newTestGenesis({
    networkID: TEST_NETWORK_ID,
    stakers: identities.map(({ tls, signer }) => ({
      nodeID: tls.certificate.nodeID,
      signer: newProofOfPossession(signer),
    })),
    keysToFund: [newPrivateKey()],
    startTime: BigInt(Math.floor(Date.now() / 1_000) - 60),
  });
  return {
    stakers: identities.map(({ tls, signer }) => ({
      nodeID: tls.certificate.nodeID,
      flags: {
        "staking-tls-key-file-content": base64(tls.keyPEM),
        "staking-tls-cert-file-content": base64(tls.certPEM),
        "staking-signer-key-file-content": Buffer.from(signer.secretKeyBytes()).toString("base64"),
      },
    })),
    flags: {
      ...LOOPBACK,
      "network-id": String(TEST_NETWORK_ID),
      "genesis-file-content": base64(formatGenesis(genesis)),
      "health-check-frequency": "20ms",
      "network-peer-list-pull-gossip-frequency": "50ms",
      "network-max-reconnect-delay": "200ms",
      "network-initial-reconnect-delay": "20ms",
      // All nodes of a test share one IP.
      "network-inbound-connection-throttling-cooldown": "0s",
    },
  };
}

/** Flags that keep a node to this machine, on any free ports. */
export const LOOPBACK: Readonly<Record<string, string>> = {
  "http-host": "127.0.0.1",
  "http-port": "0",
  "staking-host": "127.0.0.1",
  "staking-port": "0",
  "public-ip": "127.0.0.1",
  "system-tracker-disk-required-available-space-percentage": "0",
  "system-tracker-disk-warning-available-space-percentage": "0",
};

/** The configuration that these flags make. */
export function nodeConfig(flags: Readonly<Record<string, string>>, env: Record<string, string> = {}): NodeConfig {
  return configFromFlags(flags, { env });
}

/** The error with which flags on the local network are refused. */
export function refusal(flags: Record<string, string>): ConfigError {
  try {
    nodeConfig({ "network-id": "local", ...flags });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(flags)} was taken`);
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Calls a method of a node and gives its result. */
export async function callNode<T>(uri: string, method: string, params?: unknown): Promise<T> {
  const response = await fetch(`${uri}/ext/${method.split(".")[0]}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return ((await response.json()) as { result: T }).result;
}
