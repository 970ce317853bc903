/**
 * Where in the code a line was said.
 *
 * @module
 */

/** What stands in a line where the code has no files to name: the compiled executable. */
export const UNKNOWN_CALLER = "avx";

/** Frames of the logger itself. */
const OWN_FRAMES = /(?:^|[/(\s])lib\/(?:core\/log\.ts|node\/logging\/)/;

let hasFiles = true;

/**
 * The file and line outside the logger that called it, such as `node/node.ts:40`.
 *
 * In the compiled executable, which has no files to name, it is {@link UNKNOWN_CALLER}.
 */
export function callerOf(): string {
  if (!hasFiles) return UNKNOWN_CALLER;
  const frames = (new Error().stack ?? "").split("\n");
  hasFiles = frames.some((frame) => frame.includes(".ts:"));
  for (const frame of frames) {
    if (OWN_FRAMES.test(frame)) continue;
    const match = /([\w.-]+\/[\w.-]+\.ts):(\d+)/.exec(frame);
    if (match !== null) return `${match[1]}:${match[2]}`;
  }
  return UNKNOWN_CALLER;
}
