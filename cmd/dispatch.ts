/**
 * Which part of avx is meant: the tree of commands, the node that other tools start as they start avalanchego, or
 * tmpnetctl, for those who are used to it.
 *
 * @module
 */

/** What a command line asks for. */
export type Dispatch =
  /** Behave as `avx node run` with these arguments. */
  | { readonly to: "node"; readonly args: readonly string[] }
  /** Behave as upstream's `tmpnetctl` with these arguments. */
  | { readonly to: "tmpnetctl"; readonly args: readonly string[] }
  /** Walk the tree of commands. */
  | { readonly to: "tree"; readonly args: readonly string[] };

/** Options that are avx's own where they come first. All others that begin with `--` are a node's flags. */
const OWN_OPTIONS = new Set(["--help", "--version"]);

/**
 * Reads where a command line goes.
 *
 * 1. A file named `avalanchego` is a node, whatever follows.
 * 2. A file named `tmpnetctl` is upstream's tool, unless it is called as tmpnet calls a node.
 * 3. `avx node run` is a node.
 * 4. A first argument that begins with `--` is a node's flag: tmpnet starts `<binary> --config-file <file>`.
 *    `--help` and `--version` alone are avx's own.
 *
 * @param args Without the program's own name.
 * @param invokedAs Base name of the file that was called.
 */
export function dispatch(args: readonly string[], invokedAs: string): Dispatch {
  if (invokedAs === "avalanchego") return { to: "node", args };
  if (invokedAs === "tmpnetctl" && args[0] !== "--config-file") return { to: "tmpnetctl", args };
  if (args[0] === "node" && args[1] === "run") return { to: "node", args: args.slice(2) };
  const first = args[0] ?? "";
  if (first.startsWith("--") && first !== "--" && !OWN_OPTIONS.has(first)) return { to: "node", args };
  return { to: "tree", args };
}
