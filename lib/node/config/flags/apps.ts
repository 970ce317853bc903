/**
 * Flags of apps: avx's own.
 *
 * @module
 */

import { group, strings } from "../flag.ts";

export const APP_FLAGS = group("Apps, in avx alone", {
  app: strings([], "Run this TypeScript file as an app; its path or file: URL, may be given more than once", {
    own: true,
  }),
});
