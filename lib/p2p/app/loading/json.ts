/**
 * Messages of apps as JSON: the shortest way to a protocol of one's own.
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import { AppError } from "../../routing/app_error.ts";
import { APP_ERROR_UNEXPECTED } from "../app_errors.ts";

/** An object as JSON, in bytes. */
export function encodeJSON(value: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/**
 * Reads an object of JSON. Its fields are a peer's: to be looked at before they are trusted.
 *
 * @throws {AppError} Where it is none: thrown on by a handler, it refuses the message and harms nobody else.
 */
export function decodeJSON(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new AppError(APP_ERROR_UNEXPECTED.code, `not JSON: ${errorMessage(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AppError(APP_ERROR_UNEXPECTED.code, "not an object of JSON");
  }
  return value as Readonly<Record<string, unknown>>;
}
