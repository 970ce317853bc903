/** The X-Chain's seat: transactions. */

import { seat } from "./seat.ts";

export default seat("X", [{ handlerID: 0, metricsName: "tx_gossip" }]);
