/**
 * Flags of what an operator sees: HTTP, health, logs, metrics.
 *
 * @module
 */

import {
  DEFAULT_NETWORK_OPTIONS as NETWORK,
  DEFAULT_NETWORK_HEALTH_OPTIONS as NETWORK_HEALTH,
} from "../../../p2p/network/options.ts";
import { DEFAULT_ROUTER_HEALTH_OPTIONS as ROUTER_HEALTH } from "../../../p2p/routing/router/health.ts";
import { bool, duration, float, group, int, string, strings, stringToString, uint, words } from "../flag.ts";
import { RUNS_NO_VMS, TRACES_NOTHING } from "../inert.ts";

/** Where tests show what flags do. */
const LOGS_TEST = "tests/node/flags/logs.test.ts";
const NODE_TEST = "tests/node/node.test.ts";
const HTTP_TEST = "tests/node/http_flags.test.ts";
const REQUEST_TEST = "tests/node/api/requests.test.ts";
const ADMIN_TEST = "tests/node/admin.test.ts";
const THRESHOLD_TEST = "tests/node/health/thresholds.test.ts";
const UPTIME_TEST = "tests/node/uptime.test.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const HTTP_FLAGS = group("HTTP server", {
  "http-host": string("127.0.0.1", "The address to serve HTTP on; empty for all", {
    test: [HTTP_TEST, "http-host and http-port: the address that is served is the one that was asked for"],
  }),
  "http-port": uint(9650, "The port to serve HTTP on; 0 for any free one", {
    unit: "port",
    test: [HTTP_TEST, "http-host and http-port: the address that is served is the one that was asked for"],
  }),
  "http-tls-enabled": bool(false, "Serve HTTPS", {
    test: [NODE_TEST, "HTTP is served with TLS on wish, and a context file elsewhere"],
  }),
  "http-tls-key-file": string("", "The private key of HTTPS", {
    test: [HTTP_TEST, "http-tls-key-file and http-tls-cert-file: HTTPS with the key and certificate of files"],
  }),
  "http-tls-key-file-content": string("", "Base64 of the private key of HTTPS", {
    content: true,
    test: [NODE_TEST, "HTTP is served with TLS on wish, and a context file elsewhere"],
  }),
  "http-tls-cert-file": string("", "The certificate of HTTPS", {
    test: [HTTP_TEST, "http-tls-key-file and http-tls-cert-file: HTTPS with the key and certificate of files"],
  }),
  "http-tls-cert-file-content": string("", "Base64 of the certificate of HTTPS", {
    content: true,
    test: [NODE_TEST, "HTTP is served with TLS on wish, and a context file elsewhere"],
  }),
  "http-allowed-origins": words(["*"], "Origins that browsers may call from, between blanks; * for all", {
    test: [REQUEST_TEST, "%s is answered as recorded"],
  }),
  "http-allowed-hosts": strings(["localhost"], "Host names that requests may name; IPs always may, * for all", {
    test: [REQUEST_TEST, "%s is answered as recorded"],
  }),
  "http-read-timeout": duration(30 * SECOND, "How long a request may take to arrive; 0 for no limit", {
    test: [HTTP_TEST, "%s: who is slower is cut off, and without it is not"],
  }),
  "http-read-header-timeout": duration(
    30 * SECOND,
    "How long a request's header may take; 0 for as long as the request",
    { test: [HTTP_TEST, "%s: who is slower is cut off, and without it is not"] },
  ),
  "http-write-timeout": duration(30 * SECOND, "How long an answer may take; 0 for no limit", {
    test: [HTTP_TEST, "%s: who is slower is cut off, and without it is not"],
  }),
  "http-idle-timeout": duration(2 * MINUTE, "How long an unused connection is kept; 0 for http-read-timeout", {
    test: [HTTP_TEST, "%s: who is slower is cut off, and without it is not"],
  }),
  "http-shutdown-wait": duration(0, "How long to go on serving, as unhealthy, once asked to stop", {
    test: [NODE_TEST, "while it waits to stop a node answers, and is unhealthy"],
  }),
  "http-shutdown-timeout": duration(10 * SECOND, "How long open requests may take at the end", {
    test: [HTTP_TEST, "http-shutdown-timeout: a request that does not end is waited for no longer"],
  }),
  "api-info-enabled": bool(true, "Serve /ext/info", { test: [NODE_TEST, "an API that is switched off is not served"] }),
  "api-health-enabled": bool(true, "Serve /ext/health", {
    test: [HTTP_TEST, "api-health-enabled: without it no health is served, and the checks run all the same"],
  }),
  "api-metrics-enabled": bool(true, "Serve /ext/metrics", {
    test: [NODE_TEST, "an API that is switched off is not served"],
  }),
  "api-admin-enabled": bool(false, "Serve /ext/admin, to this machine's own programs alone", {
    test: [ADMIN_TEST, "admin is there only where it is switched on"],
  }),
});

export const HEALTH_FLAGS = group("Health", {
  "health-check-frequency": duration(30 * SECOND, "How often the checks run", {
    test: [THRESHOLD_TEST, "health-check-frequency: checks run as often as it says"],
  }),
  "health-check-averager-halflife": duration(
    NETWORK_HEALTH.sendFailRateHalflifeMs,
    "The half-life of averages in checks",
    {
      test: [
        THRESHOLD_TEST,
        "network-health-max-send-fail-rate and health-check-averager-halflife: messages find no room, until they do",
      ],
    },
  ),
  "network-health-min-conn-peers": uint(NETWORK_HEALTH.minConnectedPeers, "Unhealthy with fewer connected peers", {
    unit: "peers",
    test: [THRESHOLD_TEST, "network-health-min-conn-peers: too few peers, until there are enough"],
  }),
  "network-health-max-time-since-msg-received": duration(
    NETWORK_HEALTH.maxTimeSinceMsgReceivedMs,
    "Unhealthy when nothing was received for this long",
    { test: [THRESHOLD_TEST, "%s: nothing was %s for too long, until something is"] },
  ),
  "network-health-max-time-since-msg-sent": duration(
    NETWORK_HEALTH.maxTimeSinceMsgSentMs,
    "Unhealthy when nothing was sent for this long",
    { test: [THRESHOLD_TEST, "%s: nothing was %s for too long, until something is"] },
  ),
  "network-health-max-send-fail-rate": float(
    NETWORK_HEALTH.maxSendFailRate,
    "Unhealthy when a larger share of messages could not be sent",
    {
      unit: "0 to 1",
      test: [
        THRESHOLD_TEST,
        "network-health-max-send-fail-rate and health-check-averager-halflife: messages find no room, until they do",
      ],
    },
  ),
  "network-health-max-portion-send-queue-full": float(0.9, "Unhealthy when send queues are fuller than this", {
    unit: "0 to 1",
    inert: "the reference checks its range and uses it nowhere, and so does avx",
  }),
  "network-no-ingress-connections-grace-period": duration(
    NETWORK_HEALTH.noIngressConnectionsGracePeriodMs,
    "A validator that nobody has dialled after this is unhealthy",
    {
      test: [
        THRESHOLD_TEST,
        "network-no-ingress-connections-grace-period: a validator that nobody dials is unwell after it, until somebody does",
      ],
    },
  ),
  "network-health-max-outstanding-request-duration": duration(
    ROUTER_HEALTH.maxOutstandingDurationMs,
    "Unhealthy when a request waits longer for its answer",
    {
      test: [
        THRESHOLD_TEST,
        "network-health-max-outstanding-request-duration: a request waits too long, until it has ended",
      ],
    },
  ),
  "router-health-max-drop-rate": float(
    ROUTER_HEALTH.maxDropRate,
    "Unhealthy when a larger share of messages is dropped",
    {
      unit: "0 to 1",
      test: [THRESHOLD_TEST, "router-health-max-drop-rate: a busy chain drops what comes, until it is not busy"],
    },
  ),
  "router-health-max-outstanding-requests": uint(
    ROUTER_HEALTH.maxOutstandingRequests,
    "Unhealthy with more requests under way",
    {
      unit: "requests",
      test: [
        THRESHOLD_TEST,
        "router-health-max-outstanding-requests: too many requests are under way, until they have ended",
      ],
    },
  ),
});

export const LOG_FLAGS = group("Logs", {
  "log-dir": string("$AVALANCHEGO_DATA_DIR/logs", "The directory of log files", {
    test: [LOGS_TEST, "log-dir is where logs are written"],
  }),
  "log-level": string("info", "What is written to files: off, fatal, error, warn, info, trace, debug or verbo", {
    test: [
      LOGS_TEST,
      "log-level is the level of files, and that of the display where log-display-level does not say another",
    ],
  }),
  "log-display-level": string("", "What is shown; as log-level unless set", {
    test: [
      LOGS_TEST,
      "log-level is the level of files, and that of the display where log-display-level does not say another",
    ],
  }),
  "log-format": string("auto", "auto, plain, colors or json; auto is colors on a terminal, else plain", {
    test: [LOGS_TEST, "log-format is the form of files and of the display, which alone has colours"],
  }),
  "log-rotater-max-size": uint(8, "A log file is put aside at this size", {
    unit: "MiB",
    test: [LOGS_TEST, "a log file is put aside at log-rotater-max-size MiB"],
  }),
  "log-rotater-max-files": uint(7, "How many files put aside are kept; 0 for all", {
    unit: "files",
    test: [LOGS_TEST, "log-rotater-max-files files put aside are kept"],
  }),
  "log-rotater-max-age": uint(0, "How long files put aside are kept; 0 for ever", {
    unit: "days",
    test: [LOGS_TEST, "files put aside are kept log-rotater-max-age days"],
  }),
  "log-rotater-compress-enabled": bool(false, "Compress files put aside with gzip", {
    test: [LOGS_TEST, "files put aside are compressed with log-rotater-compress-enabled"],
  }),
  "log-disable-display-plugin-logs": bool(false, "Do not show what plugins log", { inert: RUNS_NO_VMS }),
});

export const METRICS_FLAGS = group("Metrics, traces and profiles", {
  "uptime-metric-freq": duration(NETWORK.uptimeMetricFrequencyMs, "How often the uptime metrics are renewed", {
    test: [
      UPTIME_TEST,
      "uptime-metric-freq: the metrics are renewed as often as it says, and fall to 0 where a validator is none any more",
    ],
  }),
  "meter-vms-enabled": bool(true, "Measure the calls of virtual machines", { inert: RUNS_NO_VMS }),
  "tracing-exporter-type": string("disabled", "Where traces go: disabled, grpc or http", { inert: TRACES_NOTHING }),
  "tracing-endpoint": string("", "The address that traces are sent to", { inert: TRACES_NOTHING }),
  "tracing-headers": stringToString({}, "Headers that go with traces", { inert: TRACES_NOTHING }),
  "tracing-insecure": bool(true, "Send traces without TLS", { inert: TRACES_NOTHING }),
  "tracing-sample-rate": float(0.1, "The share of requests that are traced", { inert: TRACES_NOTHING }),
  "profile-dir": string("$AVALANCHEGO_DATA_DIR/profiles", "The directory of profiles", {
    test: [ADMIN_TEST, "profiles are written to profile-dir, for the owner alone"],
  }),
  "profile-continuous-enabled": bool(false, "Write profiles all the time", {
    test: [ADMIN_TEST, "profile-continuous-enabled writes profiles all the time, and keeps as many as it is told"],
  }),
  "profile-continuous-freq": duration(15 * MINUTE, "How often a new profile is begun", {
    test: [ADMIN_TEST, "profile-continuous-enabled writes profiles all the time, and keeps as many as it is told"],
  }),
  "profile-continuous-max-files": int(5, "How many profiles are kept", {
    unit: "files",
    test: [ADMIN_TEST, "profile-continuous-enabled writes profiles all the time, and keeps as many as it is told"],
  }),
});
