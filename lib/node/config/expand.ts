/**
 * Variables in paths.
 *
 * @module
 */

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `$NAME` and `${NAME}` as Go's `os.Expand` does; an unknown name becomes nothing.
 *
 * @param lookUp Gives the value of a name.
 *
 * @example
 * ```ts
 * expandVariables("$HOME/.avalanchego", () => "/home/ada"); // "/home/ada/.avalanchego"
 * ```
 */
export function expandVariables(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))/g, (_, braced?: string, bare?: string) => {
    return lookUp(braced ?? bare ?? "") ?? "";
  });
}
