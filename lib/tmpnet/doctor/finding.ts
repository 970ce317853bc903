/**
 * What a doctor finds: one thing that was looked at, how it is, and what to do about it.
 *
 * @module
 */

/** One thing that was looked at. */
export interface Finding {
  readonly check:
    | "open-files"
    | "disk"
    | "root"
    | "paths"
    | "clock"
    | "environment"
    | "avx"
    | "avalanchego"
    | "plugins"
    | "ports"
    | "network"
    | "links"
    | "orphans";
  /** `problem`: something will fail, or has. `warning`: something may. */
  readonly status: "ok" | "warning" | "problem";
  /** One sentence. */
  readonly what: string;
  /** What to do next, where there is something. */
  readonly todo?: string;
}

/** All is well. */
export function ok(check: Finding["check"], what: string): Finding {
  return { check, status: "ok", what };
}

/** Something may fail. */
export function warning(check: Finding["check"], what: string, todo: string): Finding {
  return { check, status: "warning", what, todo };
}

/** Something will fail, or has. */
export function problem(check: Finding["check"], what: string, todo: string): Finding {
  return { check, status: "problem", what, todo };
}
