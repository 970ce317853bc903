/**
 * A network's lock, for work that tells of its progress: whom it waits for is a part of that.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { type LockHolder, withNetworkLock } from "./disk/lock.ts";
import { requestStop } from "./disk/stop_request.ts";

/** How work waits for its turn. */
export interface TurnControl {
  readonly clock?: Clock | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Hears who is waited for. */
  readonly onProgress?: ((progress: { readonly kind: "busy"; readonly holder: LockHolder }) => void) | undefined;
}

/**
 * Does something to a network while no other command changes it.
 *
 * @param dir The network's directory: its real path.
 * @param purpose What is done, in words that follow "is": `adding a node`.
 * @throws {TmpnetError} As {@link withNetworkLock}.
 */
export async function inTurn<T>(
  dir: string,
  purpose: string,
  { clock, signal, onProgress }: TurnControl,
  work: () => T | Promise<T>,
): Promise<T> {
  const onWait = onProgress && ((holder: LockHolder) => onProgress({ kind: "busy", holder }));
  return await withNetworkLock(dir, purpose, work, { clock, signal, onWait });
}

/**
 * Ends nodes while no other command changes their network. That must go on where no lock can be made: on a disk that is
 * full.
 *
 * @param isOfAll Whether all nodes are ended: a start that is under way gives up for that.
 */
export async function inTurnToStop<T>(
  dir: string,
  purpose: string,
  { clock, onProgress }: Pick<TurnControl, "clock" | "onProgress">,
  work: () => Promise<T>,
  { isOfAll = true }: { readonly isOfAll?: boolean } = {},
): Promise<T> {
  const onWait = (holder: LockHolder) => {
    if (isOfAll) requestStop(dir);
    onProgress?.({ kind: "busy", holder });
  };
  return await withNetworkLock(dir, purpose, work, { clock, onWait, orWithout: true });
}
