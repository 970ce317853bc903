/**
 * Flags of what an operator sees: HTTP, health, logs, metrics.
 *
 * @module
 */

import {
  DEFAULT_NETWORK_HEALTH_OPTIONS as NETWORK_HEALTH,
  DEFAULT_NETWORK_OPTIONS as NETWORK,
} from "../../../p2p/network/options.ts";
import { DEFAULT_ROUTER_HEALTH_OPTIONS as ROUTER_HEALTH } from "../../../p2p/routing/router/health.ts";
import { bool, duration, float, group, int, string, strings, stringToString, uint, words } from "../flag.ts";
import { RUNS_NO_VMS, TRACES_NOTHING } from "../inert.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const HTTP_FLAGS = group("HTTP server", {
  "http-host": string("127.0.0.1", "The address to serve HTTP on; empty for all"),
  "http-port": uint(9650, "The port to serve HTTP on; 0 for any free one", { unit: "port" }),
  "http-tls-enabled": bool(false, "Serve HTTPS"),
  "http-tls-key-file": string("", "The private key of HTTPS"),
  "http-tls-key-file-content": string("", "Base64 of the private key of HTTPS", { content: true }),
  "http-tls-cert-file": string("", "The certificate of HTTPS"),
  "http-tls-cert-file-content": string("", "Base64 of the certificate of HTTPS", { content: true }),
  "http-allowed-origins": words(["*"], "Origins that browsers may call from, between blanks; * for all"),
  "http-allowed-hosts": strings(["localhost"], "Host names that requests may name; IPs always may, * for all"),
  "http-read-timeout": duration(30 * SECOND, "How long a request may take to arrive; 0 for no limit"),
  "http-read-header-timeout": duration(
    30 * SECOND,
    "How long a request's header may take; 0 for as long as the request",
  ),
  "http-write-timeout": duration(30 * SECOND, "How long an answer may take; 0 for no limit"),
  "http-idle-timeout": duration(2 * MINUTE, "How long an unused connection is kept; 0 for http-read-timeout"),
  "http-shutdown-wait": duration(0, "How long to go on serving, as unhealthy, once asked to stop"),
  "http-shutdown-timeout": duration(10 * SECOND, "How long open requests may take at the end"),
  "api-info-enabled": bool(true, "Serve /ext/info"),
  "api-health-enabled": bool(true, "Serve /ext/health"),
  "api-metrics-enabled": bool(true, "Serve /ext/metrics"),
  "api-admin-enabled": bool(false, "Serve /ext/admin, to this machine's own programs alone"),
});

export const HEALTH_FLAGS = group("Health", {
  "health-check-frequency": duration(30 * SECOND, "How often the checks run"),
  "health-check-averager-halflife": duration(
    NETWORK_HEALTH.sendFailRateHalflifeMs,
    "The half-life of averages in checks",
  ),
  "network-health-min-conn-peers": uint(NETWORK_HEALTH.minConnectedPeers, "Unhealthy with fewer connected peers", {
    unit: "peers",
  }),
  "network-health-max-time-since-msg-received": duration(
    NETWORK_HEALTH.maxTimeSinceMsgReceivedMs,
    "Unhealthy when nothing was received for this long",
  ),
  "network-health-max-time-since-msg-sent": duration(
    NETWORK_HEALTH.maxTimeSinceMsgSentMs,
    "Unhealthy when nothing was sent for this long",
  ),
  "network-health-max-send-fail-rate": float(
    NETWORK_HEALTH.maxSendFailRate,
    "Unhealthy when a larger share of messages could not be sent",
    {
      unit: "0 to 1",
    },
  ),
  "network-health-max-portion-send-queue-full": float(0.9, "Unhealthy when send queues are fuller than this", {
    unit: "0 to 1",
    inert: "the reference checks its range and uses it nowhere, and so does avx",
  }),
  "network-no-ingress-connections-grace-period": duration(
    NETWORK_HEALTH.noIngressConnectionsGracePeriodMs,
    "A validator that nobody has dialled after this is unhealthy",
  ),
  "network-health-max-outstanding-request-duration": duration(
    ROUTER_HEALTH.maxOutstandingDurationMs,
    "Unhealthy when a request waits longer for its answer",
  ),
  "router-health-max-drop-rate": float(
    ROUTER_HEALTH.maxDropRate,
    "Unhealthy when a larger share of messages is dropped",
    {
      unit: "0 to 1",
    },
  ),
  "router-health-max-outstanding-requests": uint(
    ROUTER_HEALTH.maxOutstandingRequests,
    "Unhealthy with more requests under way",
    {
      unit: "requests",
    },
  ),
});

export const LOG_FLAGS = group("Logs", {
  "log-dir": string("$AVALANCHEGO_DATA_DIR/logs", "The directory of log files"),
  "log-level": string("info", "What is written to files: off, fatal, error, warn, info, trace, debug or verbo"),
  "log-display-level": string("", "What is shown; as log-level unless set"),
  "log-format": string("auto", "auto, plain, colors or json; auto is colors on a terminal, else plain"),
  "log-rotater-max-size": uint(8, "A log file is put aside at this size", { unit: "MiB" }),
  "log-rotater-max-files": uint(7, "How many files put aside are kept; 0 for all", { unit: "files" }),
  "log-rotater-max-age": uint(0, "How long files put aside are kept; 0 for ever", { unit: "days" }),
  "log-rotater-compress-enabled": bool(false, "Compress files put aside with gzip"),
  "log-disable-display-plugin-logs": bool(false, "Do not show what plugins log", { inert: RUNS_NO_VMS }),
});

export const METRICS_FLAGS = group("Metrics, traces and profiles", {
  "uptime-metric-freq": duration(NETWORK.uptimeMetricFrequencyMs, "How often the uptime metrics are renewed"),
  "meter-vms-enabled": bool(true, "Measure the calls of virtual machines", { inert: RUNS_NO_VMS }),
  "tracing-exporter-type": string("disabled", "Where traces go: disabled, grpc or http", { inert: TRACES_NOTHING }),
  "tracing-endpoint": string("", "The address that traces are sent to", { inert: TRACES_NOTHING }),
  "tracing-headers": stringToString({}, "Headers that go with traces", { inert: TRACES_NOTHING }),
  "tracing-insecure": bool(true, "Send traces without TLS", { inert: TRACES_NOTHING }),
  "tracing-sample-rate": float(0.1, "The share of requests that are traced", { inert: TRACES_NOTHING }),
  "profile-dir": string("$AVALANCHEGO_DATA_DIR/profiles", "The directory of profiles"),
  "profile-continuous-enabled": bool(false, "Write profiles all the time"),
  "profile-continuous-freq": duration(15 * MINUTE, "How often a new profile is begun"),
  "profile-continuous-max-files": int(5, "How many profiles are kept", { unit: "files" }),
});
