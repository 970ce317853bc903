/** The P-Chain's seat: transactions. */

import { seat } from "./seat.ts";

export default seat("P", [{ handlerID: 0, metricsName: "tx_gossip" }]);
