/**
 * Why a peer's connection ends: logged, and counted by name.
 *
 * @module
 */

/** Names of the reasons. */
export type PeerCloseReason =
  /** The other side closed, or the connection broke. */
  | "remote-closed"
  /** This node stops, or the network no longer wants the peer. */
  | "shutdown"
  | "not-desired"
  /** Both sides dialled at once; the other connection is kept. */
  | "superseded"
  /** A message that no correct node sends. */
  | "malformed-message"
  /** The length prefix asks for more than a message may have. */
  | "frame-too-large"
  | "incompatible-version"
  | "invalid-bls-signature"
  /** Nothing whole arrived for the ping-pong time-out. */
  | "read-timeout"
  /** Nothing could be sent for the ping-pong time-out. */
  | "write-timeout"
  /** More arrived than may be kept while a throttler makes the peer wait. */
  | "read-buffer-overrun"
  /** Our own handshake could not be made. */
  | "internal-error";
