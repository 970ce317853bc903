/**
 * A message that no correct node sends: whoever sends one is disconnected.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../core/errors.ts";
import type { LogFields } from "../../core/log.ts";

export interface MalformedMessageErrorType {
  readonly code: "malformed-message";
  /** The field of the message that is wrong, where one alone is. */
  readonly field: string | undefined;
  /** What is wrong, where no field says it. */
  readonly reason: string | undefined;
  /** The values that were compared. */
  readonly facts: LogFields;
}

/** Thrown where a message is checked; the peer logs its fields and closes. */
export class MalformedMessageError extends AvxError<MalformedMessageErrorType> {
  private constructor(type: MalformedMessageErrorType, cause?: unknown) {
    super(
      type,
      `Malformed message: ${type.reason ?? type.field ?? JSON.stringify(type.facts)}`,
      cause === undefined ? {} : { cause },
    );
  }

  /** @param cause The check that failed, where it was another room's. */
  static field(field: string, facts: LogFields = {}, cause?: unknown): MalformedMessageError {
    return new MalformedMessageError({ code: "malformed-message", field, reason: undefined, facts }, cause);
  }

  static because(reason: string, facts: LogFields = {}): MalformedMessageError {
    return new MalformedMessageError({ code: "malformed-message", field: undefined, reason, facts });
  }

  /** What is wrong is plain from the values. */
  static values(facts: LogFields): MalformedMessageError {
    return new MalformedMessageError({ code: "malformed-message", field: undefined, reason: undefined, facts });
  }

  /** What a log line says of it, with upstream's names. */
  get logFields(): LogFields {
    const { field, reason, facts } = this.type;
    return {
      ...(field === undefined ? {} : { field }),
      ...(reason === undefined ? {} : { reason }),
      ...facts,
      ...(this.cause === undefined ? {} : { error: errorMessage(this.cause) }),
    };
  }
}

/** Runs a check of another room; what it throws makes the message malformed in `field`. */
export function checkField<T>(field: string, check: () => T, facts: LogFields = {}): T {
  try {
    return check();
  } catch (error) {
    throw MalformedMessageError.field(field, facts, error);
  }
}
