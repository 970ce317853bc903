/**
 * Durations in Go's text form: what flags, configuration files and health reports hold.
 *
 * A duration is a number of milliseconds here, with nanoseconds as its fraction; it is read and written through whole
 * nanoseconds, so that `22.5s` and `703.604194ms` come back as they were.
 *
 * @module
 */

const NANOSECONDS_PER_MS = 1_000_000;

/** Nanoseconds by unit, as Go's `time.ParseDuration` has them; both signs for micro are taken. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The longest duration that Go can hold: 2^63 - 1 ns. */
const MAX_NANOSECONDS = (1n << 63n) - 1n;

const PART = /(\d*)(?:\.(\d*))?([a-z\u00b5\u03bc]+)/y;

/**
 * Reads a duration such as `300ms`, `1.5h` or `2h45m`.
 *
 * @returns Milliseconds, or `undefined` where Go's parser would refuse: no unit, an unknown one, or out of range.
 *
 * @example
 * ```ts
 * parseDuration("22.5s"); // 22500
 * parseDuration("5"); // undefined
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const negative = text.startsWith("-");
  const digits = negative || text.startsWith("+") ? text.slice(1) : text;
  if (digits === "0") return 0;
  if (digits === "") return undefined;

  let nanoseconds = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < digits.length) {
    const match = PART.exec(digits);
    if (match === null) return undefined;
    const [, whole = "", fraction = "", unit = ""] = match;
    const perUnit = UNITS[unit];
    if (perUnit === undefined || (whole === "" && fraction === "")) return undefined;
    nanoseconds += BigInt(whole || "0") * perUnit;
    if (fraction !== "") nanoseconds += (BigInt(fraction) * perUnit) / 10n ** BigInt(fraction.length);
    if (nanoseconds > MAX_NANOSECONDS) return undefined;
  }
  const ms = Number(nanoseconds) / NANOSECONDS_PER_MS;
  return negative ? -ms : ms;
}

/**
 * Writes a duration as Go's `Duration.String` does: `1m30s`, `703.604194ms`, `0s`.
 *
 * @param ms Milliseconds; rounded to whole nanoseconds.
 *
 * @example
 * ```ts
 * formatDuration(90_000); // "1m30s"
 * ```
 */
export function formatDuration(ms: number): string {
  const nanoseconds = BigInt(Math.round(Math.abs(ms) * NANOSECONDS_PER_MS));
  if (nanoseconds === 0n) return "0s";
  const sign = ms < 0 ? "-" : "";
  for (const unit of ["ns", "\u00b5s", "ms"]) {
    const perUnit = UNITS[unit] as bigint;
    if (nanoseconds < perUnit * 1_000n) return `${sign}${decimal(nanoseconds, perUnit)}${unit}`;
  }
  const perHour = UNITS["h"] as bigint;
  const perMinute = UNITS["m"] as bigint;
  const hours = nanoseconds / perHour;
  const minutes = (nanoseconds % perHour) / perMinute;
  const seconds = decimal(nanoseconds % perMinute, UNITS["s"] as bigint);
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`;
  if (minutes > 0n) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${seconds}s`;
}

/** `value / unit` in decimal, without trailing zeros; `unit` is a power of ten. */
function decimal(value: bigint, unit: bigint): string {
  const whole = value / unit;
  const rest = value % unit;
  if (rest === 0n) return whole.toString();
  const places = unit.toString().length - 1;
  return `${whole}.${rest.toString().padStart(places, "0").replace(/0+$/, "")}`;
}

/** Milliseconds as whole nanoseconds, as Go's JSON has durations. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS_PER_MS);
}
