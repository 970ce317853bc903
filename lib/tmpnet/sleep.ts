/**
 * Waiting, where networks are made: {@link ../core/sleep.ts}.
 *
 * @module
 */

export { sleep } from "../core/sleep.ts";
