/**
 * Versions as `avalanchego --version` tells them (upstream `version/string.go`): of the avalanchego whose network layer
 * this is, and of avx in the place of Go.
 *
 * @module
 */

import { formatApplication } from "../../lib/core/version/application.ts";
import { CURRENT_DATABASE, CURRENT_VERSION, RPC_CHAIN_VM_PROTOCOL } from "../../lib/core/version/constants.ts";
import type { NodeVersionDocument } from "../json_documents.ts";
import { COMMIT, VERSION } from "../version.ts";

/** Such as `avalanchego/1.14.2 [database=v1.4.5, rpcchainvm=45, commit=0123abc, avx=0.1.0]`. */
export function nodeVersion(): string {
  const facts = [`database=${CURRENT_DATABASE}`, `rpcchainvm=${RPC_CHAIN_VM_PROTOCOL}`];
  if (COMMIT !== "source") facts.push(`commit=${COMMIT}`);
  facts.push(`avx=${VERSION}`);
  return `${formatApplication(CURRENT_VERSION)} [${facts.join(", ")}]`;
}

/** The same as JSON, with the keys that tools read; no Go is in it. */
export function nodeVersionJSON(): string {
  const versions: NodeVersionDocument = {
    application: formatApplication(CURRENT_VERSION),
    database: CURRENT_DATABASE,
    rpcchainvm: RPC_CHAIN_VM_PROTOCOL,
    commit: COMMIT === "source" ? "" : COMMIT,
    go: "",
    avx: VERSION,
  };
  return JSON.stringify(versions, null, 2);
}
