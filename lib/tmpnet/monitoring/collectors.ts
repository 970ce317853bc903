/**
 * The two collectors: what they are called with, what their configuration says, how they are reached.
 *
 * Source: upstream `tests/fixture/tmpnet/monitor_processes.go`. The command lines and files are upstream's, so that
 * each tool finds what the other has started.
 *
 * @module
 */

import type { CollectorName } from "./layout.ts";
import type { Target } from "./targets.ts";

/** How often Prometheus asks a node for its metrics, in seconds. */
export const SCRAPE_INTERVAL_SECONDS = 10;

/** What a collector is to be. */
export interface CollectorSetup {
  /** The port of its own pages, on 127.0.0.1. */
  readonly port: number;
  /** Where it sends what it collects; `undefined` for Prometheus that keeps it. */
  readonly target: Target | undefined;
  /** The directory that it works in. */
  readonly directory: string;
  readonly serviceDiscoveryDir: string;
  /** The major version of the program, where it matters and is known. */
  readonly majorVersion: number | undefined;
}

/** A collector. */
export interface Collector {
  readonly name: CollectorName;
  readonly collects: "metrics" | "logs";
  /** The beginning of its variables: `PROMETHEUS_URL`. */
  readonly envPrefix: string;
  readonly defaultPort: number;
  /** The argument that all its command lines have, whoever writes them. */
  readonly configArgument: string;
  readonly configFile: string;
  readonly logFile: string;
  /** Where it says that it is up. */
  readonly readyPath: string;
  /** Whether any answer means that it is up: Promtail is not "ready" before it knows of a node. */
  readonly anyAnswerIsUp: boolean;
  /** Where to get it. */
  readonly hint: string;
  arguments(setup: CollectorSetup): readonly string[];
  config(setup: CollectorSetup): string;
  /** The port that a running one has, from its command line or the text of its configuration. */
  portOf(commandLine: string, config: string): number | undefined;
}

/** Prometheus: as an agent that sends metrics on, or as a server that keeps them. */
export const METRICS_COLLECTOR: Collector = {
  name: "prometheus",
  collects: "metrics",
  envPrefix: "PROMETHEUS",
  defaultPort: 9090,
  configArgument: "--config.file=prometheus.yaml",
  configFile: "prometheus.yaml",
  logFile: "prometheus.log",
  readyPath: "/-/ready",
  anyAnswerIsUp: false,
  hint: "Install it, such as with apt install prometheus or brew install prometheus, or put it on PATH",
  arguments({ port, target, majorVersion }) {
    const common = [this.configArgument, `--web.listen-address=127.0.0.1:${port}`];
    if (target === undefined) {
      // Not the agent's directory: Prometheus refuses one that the other kind has used.
      return [...common, "--storage.tsdb.path=./data-local", "--enable-feature=native-histograms"];
    }
    // Prometheus 3 has an option for what is a feature in 2.
    const isOld = majorVersion !== undefined && majorVersion < 3;
    const agent = isOld ? [] : ["--agent"];
    const features = isOld ? "agent,native-histograms" : "native-histograms";
    return [...common, ...agent, "--storage.agent.path=./data", `--enable-feature=${features}`];
  },
  config({ target, serviceDiscoveryDir }) {
    const remoteWrite =
      target === undefined
        ? ""
        : `
remote_write:
  - url: ${yaml(target.url)}
${basicAuth(target, "    ")}    send_native_histograms: true
`;
    return `global:
  scrape_interval: ${SCRAPE_INTERVAL_SECONDS}s
  evaluation_interval: 10s
  scrape_timeout: 5s

scrape_configs:
  - job_name: "avalanchego"
    metrics_path: "/ext/metrics"
    file_sd_configs:
      - files:
          - ${yaml(`${serviceDiscoveryDir}/*.json`)}
${remoteWrite}`;
  },
  portOf: (commandLine) => portIn(/--web\.listen-address=\S*:(\d+)/.exec(commandLine)),
};

/** Promtail: sends the lines of logs to Loki. */
export const LOGS_COLLECTOR: Collector = {
  name: "promtail",
  collects: "logs",
  envPrefix: "LOKI",
  defaultPort: 3101,
  configArgument: "-config.file=promtail.yaml",
  configFile: "promtail.yaml",
  logFile: "promtail.log",
  readyPath: "/ready",
  anyAnswerIsUp: true,
  hint: "Get it from the releases of grafana/loki, up to version 3, and put it on PATH",
  arguments() {
    return [this.configArgument];
  },
  config({ port, target, directory, serviceDiscoveryDir }) {
    const client = target === undefined ? "" : `  url: ${yaml(target.url)}\n${basicAuth(target, "  ")}`;
    return `server:
  http_listen_port: ${port}
  grpc_listen_port: 0

positions:
  filename: ${yaml(`${directory}/positions.yaml`)}

client:
${client}
scrape_configs:
  - job_name: "avalanchego"
    file_sd_configs:
      - files:
          - ${yaml(`${serviceDiscoveryDir}/*.json`)}
`;
  },
  portOf: (_, config) => portIn(/^\s*http_listen_port:\s*(\d+)/m.exec(config)),
};

function portIn(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]);
}

function basicAuth({ username, password }: Target, indent: string): string {
  if (username === undefined || password === undefined) return "";
  const lines = ["basic_auth:", `  username: ${yaml(username)}`, `  password: ${yaml(password)}`];
  return lines.map((line) => `${indent}${line}\n`).join("");
}

/** A text as YAML takes it, whatever is in it: a password may hold quotes. JSON's texts are YAML's. */
function yaml(text: string): string {
  return JSON.stringify(text);
}
