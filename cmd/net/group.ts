/**
 * The commands of `avx net`, in the order of its `--help`.
 *
 * @module
 */

import type { RegisterCommand } from "../command.ts";
import { registerCheckLogs, registerCheckMetrics } from "./check.ts";
import {
  registerStartLogsCollector,
  registerStartMetricsCollector,
  registerStopLogsCollector,
  registerStopMetricsCollector,
} from "./collectors.ts";
import { registerList } from "./list.ts";
import { registerLogs } from "./logs.ts";
import { registerRestart } from "./restart.ts";
import { registerStart } from "./start.ts";
import { registerStatus } from "./status.ts";
import { registerStop } from "./stop.ts";

export const NET_COMMANDS: readonly RegisterCommand[] = [
  registerStart,
  registerStop,
  registerRestart,
  registerList,
  registerStatus,
  registerLogs,
  registerStartMetricsCollector,
  registerStopMetricsCollector,
  registerCheckMetrics,
  registerStartLogsCollector,
  registerStopLogsCollector,
  registerCheckLogs,
];
