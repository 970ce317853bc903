import { expect, test } from "bun:test";
import { formatGoFloat } from "../../lib/core/go_float.ts";

// Printed by Go 1.26's fmt.Printf("%g").
test.each([
  [0, "0"],
  [-0, "-0"],
  [0.9, "0.9"],
  [0.0001, "0.0001"],
  [0.00012345, "0.00012345"],
  [1e-5, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [100_000, "100000"],
  [1e6, "1e+06"],
  [1_234_567, "1.234567e+06"],
  [12_345_678.5, "1.23456785e+07"],
  [1e21, "1e+21"],
  [1e300, "1e+300"],
  [0.999925241565766, "0.999925241565766"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [Number.NaN, "NaN"],
])("%p is written as %s, as Go does", (value, text) => expect(formatGoFloat(value)).toBe(text));
