/**
 * Flags of where a node without a chain learns who validates: avx's own.
 *
 * @module
 */

import { DEFAULT_NETWORK_OPTIONS as NETWORK } from "../../../p2p/network/options.ts";
import { DEFAULT_VALIDATORS_FREQUENCY_MS } from "../../validators/source.ts";
import { bool, duration, group, string } from "../flag.ts";

/** Where tests show what flags do. */
const NETWORK_TEST = "tests/node/flags/network_identity.test.ts";
const VALIDATORS_TEST = "tests/node/validators/node.test.ts";

const OWN = { own: true };

export const VALIDATOR_FLAGS = group("Validators, in avx alone", {
  "validators-uri": string("", "A node's API that is asked who validates, such as http://127.0.0.1:9650", {
    ...OWN,
    test: [
      VALIDATORS_TEST,
      "it takes those of the Primary Network, its subnets and L1s, shows how that goes, and keeps them",
    ],
  }),
  "validators-frequency": duration(DEFAULT_VALIDATORS_FREQUENCY_MS, "How often it is asked", {
    ...OWN,
    test: [
      VALIDATORS_TEST,
      "it takes those of the Primary Network, its subnets and L1s, shows how that goes, and keeps them",
    ],
  }),
  "network-connect-to-all-validators": bool(
    NETWORK.connectToAllValidators,
    "Connect to the validators of all subnets, not only of those that are tracked",
    { ...OWN, test: [NETWORK_TEST, "with network-connect-to-all-validators peers are asked for those of all subnets"] },
  ),
});
