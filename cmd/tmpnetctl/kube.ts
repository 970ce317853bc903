/**
 * What tmpnetctl does on Kubernetes, and avx does not yet: the flags are known, so that they are refused by name.
 *
 * @module
 */

import { AvxError } from "../../lib/core/errors.ts";
import type { CommandContext } from "../command.ts";
import type { CtlCommand } from "./command.ts";
import type { Flag } from "./flags.ts";

/** Refuses what needs a cluster. */
export class NoKubernetes extends AvxError<{ code: "unsupported"; what: string }> {
  constructor(what: string) {
    super({ code: "unsupported", what }, `${what} is not there yet: avx runs nodes as processes of this machine only`, {
      hint: "Leave --runtime out or set it to process, or use upstream's tmpnetctl for Kubernetes",
    });
  }
}

/** Flags of `start-network` for `--runtime=kube`. */
export function kubeFlags(context: CommandContext): readonly Flag[] {
  const string = (name: string, help: string, value = ""): Flag => ({ name, type: "string", help, default: value });
  return [
    string("kube-image", "[kube runtime] container image of the nodes", "avaplatform/avalanchego:latest"),
    string("kube-namespace", "[kube runtime] namespace that the nodes are made in", "tmpnet"),
    string("kube-scheduling-label-key", "[kube runtime] key of the label for exclusive scheduling"),
    string("kube-scheduling-label-value", "[kube runtime] value of the label for exclusive scheduling"),
    {
      name: "kube-use-exclusive-scheduling",
      type: "bool",
      help: "[kube runtime] whether each node has a machine of the cluster for itself",
    },
    { name: "kube-volume-size", type: "uint", help: "[kube runtime] gigabytes of each node's volume", default: "2" },
    ...kubeconfigFlags(context, "[kube runtime] "),
  ];
}

/** `start-kind-cluster`, which is refused. */
export const START_KIND_CLUSTER: CtlCommand = {
  name: "start-kind-cluster",
  summary: "Start a kind cluster on this machine (not there yet)",
  flags: (context) => [
    ...kubeconfigFlags(context, ""),
    { name: "start-metrics-collector", type: "bool", help: "whether the cluster collects metrics" },
    { name: "start-logs-collector", type: "bool", help: "whether the cluster collects logs" },
    { name: "install-chaos-mesh", type: "bool", help: "whether the cluster gets Chaos Mesh" },
  ],
  async run() {
    throw new NoKubernetes("start-kind-cluster");
  },
};

function kubeconfigFlags({ env }: CommandContext, prefix: string): readonly Flag[] {
  return [
    {
      name: "kubeconfig",
      type: "string",
      help: `${prefix}configuration of the cluster; also by KUBECONFIG`,
      default: env["KUBECONFIG"] || `${env["HOME"] ?? ""}/.kube/config`,
    },
    { name: "kubeconfig-context", type: "string", help: `${prefix}context in that configuration` },
  ];
}
