/**
 * What must hold after all other scenarios.
 *
 * @module
 */

import { eventually } from "../../support/eventually.ts";
import { openSockets } from "../../support/open_sockets.ts";
import type { Scenarios } from "./scenarios.ts";

const socketsBefore = openSockets();

export const noSocketIsLeft: Scenarios = {
  "no socket is left of all that": () => eventually("all sockets are closed", () => openSockets() <= socketsBefore),
};
