/**
 * What a command of tmpnetctl is.
 *
 * @module
 */

import type { Logger } from "../../lib/core/log.ts";
import type { CommandContext } from "../command.ts";
import type { Flag, FlagValues } from "./flags.ts";

/** What a command is given to do its work. */
export interface CtlContext extends CommandContext {
  readonly flags: FlagValues;
  /** The words beside the command that are no flags. */
  readonly words: readonly string[];
  /**
   * The log that was asked for: made when a command first needs it, as tmpnetctl does.
   *
   * @throws {FlagError} For a format that there is not.
   */
  log(): Logger;
}

/** A command. */
export interface CtlCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: (context: CommandContext) => readonly Flag[];
  /** @throws What is to be told as the reason why it failed. */
  run(context: CtlContext): Promise<void>;
}
