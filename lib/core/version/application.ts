/**
 * Names and versions of programs, as peers tell them (upstream `version/application.go`).
 *
 * @module
 */

/** A program in some version. Numbers are uint32 on the wire. */
export interface Application {
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Such as `avalanchego/1.14.2`. A peer chose its name: escape it where it is shown. */
export function formatApplication({ name, major, minor, patch }: Application): string {
  return `${name}/${major}.${minor}.${patch}`;
}

/**
 * Such as `v1.14.2`.
 *
 * @param commit Put behind an `@` unless it is empty.
 */
export function formatSemantic({ major, minor, patch }: Application, commit = ""): string {
  return `v${major}.${minor}.${patch}${commit === "" ? "" : `@${commit}`}`;
}

/** Orders by major, minor and patch: -1, 0 or 1. Names are not compared. */
export function compareApplications(a: Application, b: Application): -1 | 0 | 1 {
  const difference = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return difference === 0 ? 0 : difference < 0 ? -1 : 1;
}
