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
import { registerDoctor } from "./doctor.ts";
import { registerEnv } from "./env.ts";
import { registerExport } from "./export.ts";
import { registerL1 } from "./l1.ts";
import { registerList } from "./list.ts";
import { registerLogs } from "./logs.ts";
import { registerNode } from "./node.ts";
import { registerPrune } from "./prune.ts";
import { registerRestart } from "./restart.ts";
import { registerSchema } from "./schema.ts";
import { registerSnapshot } from "./snapshot.ts";
import { registerStart } from "./start.ts";
import { registerStatus } from "./status.ts";
import { registerStop } from "./stop.ts";
import { registerSubnet } from "./subnet.ts";
import { registerWait } from "./wait.ts";

export const NET_COMMANDS: readonly RegisterCommand[] = [
  registerStart,
  registerStop,
  registerRestart,
  registerNode,
  registerSubnet,
  registerL1,
  registerList,
  registerStatus,
  registerLogs,
  registerWait,
  registerEnv,
  registerDoctor,
  registerClean,
  registerPrune,
  registerSnapshot,
  registerExport,
  registerSchema,
  registerStartMetricsCollector,
  registerStopMetricsCollector,
  registerCheckMetrics,
  registerStartLogsCollector,
  registerStopLogsCollector,
  registerCheckLogs,
  (group) => group.addHelpText("after", "\nWhat --json prints is in docs/json.md"),
];
