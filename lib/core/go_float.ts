/**
 * Numbers in the text that Go's `%g` gives them: what messages of the reference hold.
 *
 * @module
 */

/** Below this power of ten, and above the second, Go writes an exponent (`strconv/ftoa.go`, format `g`). */
const MIN_PLAIN_EXPONENT = -4;
const MAX_PLAIN_EXPONENT = 5;

/**
 * Writes a number as Go's `fmt` does with `%g`: the fewest digits that give it back, an exponent of two digits
 * at least, `+Inf` and `NaN`.
 *
 * @example
 * ```ts
 * formatGoFloat(0.9); // "0.9"
 * formatGoFloat(0.00001); // "1e-05"
 * ```
 */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value === 0 || (exponent >= MIN_PLAIN_EXPONENT && exponent <= MAX_PLAIN_EXPONENT)) return String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
