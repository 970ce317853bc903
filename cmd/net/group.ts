/**
 * The commands of `avx net`, in the order of its `--help`.
 *
 * @module
 */

import type { RegisterCommand } from "../command.ts";
import { registerCheckLogs, registerCheckMetrics } from "./check.ts";
import { registerClean } from "./clean.ts";
import {
  registerStartLogsCollector,
  registerStartMetricsCollector,
  registerStopLogsCollector,
  registerStopMetricsCollector,
} from "./collectors.ts";
import { registerEnv } from "./env.ts";
import { registerList } from "./list.ts";
import { registerLogs } from "./logs.ts";
import { registerNode } from "./node.ts";
import { registerPrune } from "./prune.ts";
import { registerRestart } from "./restart.ts";
import { registerStart } from "./start.ts";
import { registerStatus } from "./status.ts";
import { registerStop } from "./stop.ts";
import { registerWait } from "./wait.ts";

export const NET_COMMANDS: readonly RegisterCommand[] = [
  registerStart,
  registerStop,
  registerRestart,
  registerNode,
  registerList,
  registerStatus,
  registerLogs,
  registerWait,
  registerEnv,
  registerClean,
  registerPrune,
  registerStartMetricsCollector,
  registerStopMetricsCollector,
  registerCheckMetrics,
  registerStartLogsCollector,
  registerStopLogsCollector,
  registerCheckLogs,
];
