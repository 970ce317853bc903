/**
 * What apps cannot import where avx is one executable, and are given instead.
 *
 * @module
 */

import { concatBytes, fromHex, toHex } from "../../../core/bytes.ts";
import { sha256 } from "../../../core/hashing.ts";
import { idFromBytes, idToBytes, parseID } from "../../../core/ids/id.ts";
import { nodeIDFromBytes, nodeIDToBytes, parseNodeID } from "../../../core/ids/node_id.ts";
import { blsVerify } from "../../../core/staking/bls.ts";
import { AppError } from "../../routing/app_error.ts";
import { SignatureClient } from "../acp118/signature_client.ts";
import { signatureHandler } from "../acp118/signature_handler.ts";
import {
  addressedCallPayload,
  hashPayload,
  parseWarpMessage,
  warpMessageBytes,
  warpMessageID,
} from "../acp118/warp_message.ts";
import { BloomSet } from "../gossip/bloom_set.ts";
import { gossipHandler } from "../gossip/gossip_handler.ts";
import { PullGossiper } from "../gossip/pull_gossiper.ts";
import { PushGossiper } from "../gossip/push_gossiper.ts";
import { gossipSystem } from "../gossip/system.ts";
import { HandlerID } from "../handler_id.ts";
import { SlidingWindowThrottler } from "../throttler.ts";
import { dynamicThrottledHandler, throttledHandler, validatorHandler } from "../wrapped_handlers.ts";
import { decodeJSON, encodeJSON } from "./json.ts";

/** The functions and classes of avx that an app works with: `context.avx`. */
export const APP_LIBRARY = {
  AppError,
  HandlerID,

  gossipSystem,
  gossipHandler,
  BloomSet,
  PullGossiper,
  PushGossiper,

  validatorHandler,
  throttledHandler,
  dynamicThrottledHandler,
  SlidingWindowThrottler,

  SignatureClient,
  signatureHandler,
  warpMessageBytes,
  warpMessageID,
  parseWarpMessage,
  hashPayload,
  addressedCallPayload,
  blsVerify,

  idFromBytes,
  idToBytes,
  parseID,
  nodeIDFromBytes,
  nodeIDToBytes,
  parseNodeID,
  sha256,
  concatBytes,
  fromHex,
  toHex,

  encodeJSON,
  decodeJSON,
} as const;

/** What an app is given of avx. */
export type AppLibrary = typeof APP_LIBRARY;
