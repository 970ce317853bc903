/**
 * Flags of apps: avx's own.
 *
 * @module
 */

import { group, strings } from "../flag.ts";

/** Where tests show what flags do. */
const APPS_TEST = "tests/node/apps.test.ts";

export const APP_FLAGS = group("Apps, in avx alone", {
  app: strings([], "Run this TypeScript file as an app; its path or file: URL, may be given more than once", {
    own: true,
    test: [
      APPS_TEST,
      "apps of the configuration run; those that cannot are named in health and log, and the node lives",
    ],
  }),
});
