/** The C-Chain's seat: transactions, and atomic ones. */

import { seat } from "./seat.ts";

export default seat("C", [
  { handlerID: 0, metricsName: "eth_tx_gossip" },
  { handlerID: 1, metricsName: "atomic_tx_gossip" },
]);
