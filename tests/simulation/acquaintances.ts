/**
 * Who has found whom: the one figure that tells whether a network is whole.
 *
 * A network is whole when every node that is up is connected to every validator that is up, and both sides say so. A
 * connection that only one side still believes in does not count.
 *
 * @module
 */

import type { Clock } from "../../lib/core/clock.ts";

/** A node as this counts it. */
interface Acquaintance {
  isValidator: boolean;
  isUp: boolean;
  /** Those that it says it is connected to. */
  readonly says: Set<number>;
  /** Validators that are up, and of which both sides say so. */
  found: number;
  /** When it had found all validators for the first time. */
  foundAllAt: number | undefined;
}

export class Acquaintances {
  readonly #clock: Clock;
  readonly #nodes: readonly Acquaintance[];
  #validators: number;
  #up = 0;
  #validatorsUp = 0;
  /** Pairs of nodes that are up, at least one of them a validator, of which both sides say so. */
  #pairs = 0;
  #wholeSince: number | undefined;

  constructor(clock: Clock, validators: readonly boolean[]) {
    this.#clock = clock;
    this.#validators = validators.filter((isValidator) => isValidator).length;
    this.#nodes = validators.map((isValidator) => {
      return { isValidator, isUp: false, says: new Set(), found: 0, foundAllAt: undefined };
    });
  }

  /** Since when the network is whole, virtual milliseconds, or `undefined` while it is not. */
  get wholeSince(): number | undefined {
    return this.#wholeSince;
  }

  /** Pairs that have not found each other. */
  get missing(): number {
    const others = this.#up - this.#validatorsUp;
    return (this.#validatorsUp * (this.#validatorsUp - 1)) / 2 + this.#validatorsUp * others - this.#pairs;
  }

  /** How many connections a node says it has. */
  connections(node: number): number {
    return this.#node(node).says.size;
  }

  /** How many connections a node says it has that the other side knows nothing of. */
  oneSided(node: number): number {
    return [...this.#node(node).says].filter((other) => !this.#node(other).says.has(node)).length;
  }

  /** When each node had found every validator that there is, for the first time; without those that never had. */
  get foundAllAt(): number[] {
    return this.#nodes.flatMap(({ foundAllAt }) => foundAllAt ?? []);
  }

  up(node: number): void {
    this.#change(() => {
      const one = this.#node(node);
      one.isUp = true;
      this.#up++;
      if (one.isValidator) this.#validatorsUp++;
    });
  }

  /** The node is gone, and nothing that it said counts. */
  down(node: number): void {
    this.#change(() => {
      const one = this.#node(node);
      for (const other of [...one.says]) this.#forget(node, other);
      one.isUp = false;
      this.#up--;
      if (one.isValidator) this.#validatorsUp--;
    });
  }

  /** The node begins or ceases to be one that all have to find. */
  setValidator(node: number, isValidator: boolean): void {
    this.#change(() => {
      const one = this.#node(node);
      if (one.isValidator === isValidator) return;
      const others = [...one.says].map((other) => this.#node(other)).filter(({ says }) => says.has(node));
      for (const other of others) this.#count(one, other, -1);
      one.isValidator = isValidator;
      this.#validators += isValidator ? 1 : -1;
      if (one.isUp) this.#validatorsUp += isValidator ? 1 : -1;
      for (const other of others) this.#count(one, other, 1);
    });
  }

  connected(node: number, other: number): void {
    this.#change(() => {
      const [one, two] = [this.#node(node), this.#node(other)];
      if (!one.isUp) return;
      one.says.add(other);
      if (two.says.has(node)) this.#count(one, two, 1);
    });
  }

  disconnected(node: number, other: number): void {
    this.#change(() => this.#forget(node, other));
  }

  #forget(node: number, other: number): void {
    const [one, two] = [this.#node(node), this.#node(other)];
    if (one.says.delete(other) && two.says.has(node)) this.#count(one, two, -1);
  }

  #count(one: Acquaintance, two: Acquaintance, by: 1 | -1): void {
    if (two.isValidator) one.found += by;
    if (one.isValidator) two.found += by;
    if (one.isValidator || two.isValidator) this.#pairs += by;
    for (const node of by > 0 ? [one, two] : []) {
      const others = this.#validators - (node.isValidator ? 1 : 0);
      if (node.found === others) node.foundAllAt ??= this.#clock.monotonic();
    }
  }

  #change(make: () => void): void {
    make();
    if (this.missing > 0) this.#wholeSince = undefined;
    else this.#wholeSince ??= this.#clock.monotonic();
  }

  #node(index: number): Acquaintance {
    return this.#nodes[index] as Acquaintance;
  }
}
