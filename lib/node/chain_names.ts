/**
 * What chains are called: by the genesis, by the configuration, and by an operator while the node runs (upstream
 * `ids/aliases.go`).
 *
 * @module
 */

import { AvxError } from "../core/errors.ts";
import type { ID } from "../core/ids/id.ts";
import { chainAliases } from "../platform/genesis/aliases.ts";
import type { ChainFacts } from "./chain_facts.ts";

/** A name that another chain has, or this one. */
export class ChainAliasError extends AvxError<{ readonly code: "alias-taken"; readonly alias: string }> {}

/** How many names can be given: each is kept for as long as the node runs. */
export const MAX_CHAIN_ALIASES = 1_024;

/** The names of chains. */
export class ChainNames {
  readonly #facts: Pick<ChainFacts, "findChain">;
  /** What the genesis and the configuration call chains, in that order. */
  readonly #known: readonly string[];
  readonly #added = new Map<string, ID>();

  /** @param configured Chain IDs by alias. */
  constructor(facts: Pick<ChainFacts, "findChain">, configured: ReadonlyMap<string, ID>) {
    this.#facts = facts;
    const [xChainID, cChainID] = [facts.findChain("X"), facts.findChain("C")];
    const builtIn =
      xChainID === undefined || cChainID === undefined ? [] : [...chainAliases({ xChainID, cChainID }).values()].flat();
    this.#known = [...builtIn, ...configured.keys()];
  }

  /** The chain of an alias or ID. */
  findChain(name: string): ID | undefined {
    return this.#facts.findChain(name) ?? this.#added.get(name);
  }

  /** All names of a chain, the usual one first, its ID among them; none where the chain is not known. */
  aliases(chainID: ID): readonly string[] {
    if (this.findChain(chainID) === undefined) return [];
    const known = this.#known.filter((name) => this.findChain(name) === chainID);
    const added = [...this.#added].flatMap(([name, id]) => (id === chainID ? [name] : []));
    return [...known, chainID, ...added];
  }

  /**
   * Gives a chain one more name.
   *
   * @throws {ChainAliasError} Where the name is taken, or where there are {@link MAX_CHAIN_ALIASES} already.
   */
  alias(chainID: ID, alias: string): void {
    const isTaken = this.findChain(alias) !== undefined;
    if (!isTaken && this.#added.size < MAX_CHAIN_ALIASES) {
      this.#added.set(alias, chainID);
      return;
    }
    const reason = isTaken ? "alias already mapped to an ID" : `there are ${MAX_CHAIN_ALIASES} aliases already`;
    throw new ChainAliasError({ code: "alias-taken", alias }, `${reason}: ${alias}`);
  }
}
