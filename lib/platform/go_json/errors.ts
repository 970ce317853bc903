/**
 * JSON that Go would refuse.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** `syntax` where the text is no JSON, `type` where a value is not of the type that its place demands. */
export class GoJSONError extends AvxError<{ readonly code: "syntax" | "type" }> {}
