import { describe, expect, test } from "bun:test";
import { formatError, reportError, UsageError } from "../../cmd/errors.ts";
import { AvxError, type ErrorType } from "../../lib/core/errors.ts";
import { capturedContext } from "../support/context.ts";

interface PortError extends ErrorType {
  readonly code: "port-in-use";
  readonly port: number;
  readonly address?: string;
  readonly details?: unknown;
}

describe("an error reads as", () => {
  test("one sentence, and what to do next", () => {
    const error = new AvxError<PortError>({ code: "port-in-use", port: 9650 }, "port 9650 is in use", {
      hint: "Pass --http-port 0 for a free one",
    });
    expect(formatError(error)).toBe("avx: port 9650 is in use\nPass --http-port 0 for a free one.\n");
  });

  test("facts that the sentence does not say, in lines below", () => {
    const type: PortError = { code: "port-in-use", port: 9650, address: "127.0.0.1", details: { deep: true } };
    expect(formatError(new AvxError(type, "port 9650 is in use"))).toBe(
      "avx: port 9650 is in use\n  address: 127.0.0.1\n",
    );
  });

  test("a sentence where something else was thrown", () => {
    expect(formatError(new TypeError("x is not a function"))).toBe("avx: x is not a function\n");
    expect(formatError("out of luck")).toBe("avx: out of luck\n");
    expect(formatError(new Error(""))).toBe("avx: failed without saying why\n");
  });

  test("several lines where it quotes a log", () => {
    expect(formatError(new Error("node 1 died:\n  FATAL no key\n"))).toBe("avx: node 1 died:\n  FATAL no key\n");
  });

  test("plain text, whatever a stranger wrote into it", () => {
    expect(formatError(new Error("peer said \u001b[31mred\u001b[0m\r\u0007"))).toBe(
      "avx: peer said \\x1b[31mred\\x1b[0m\\x0d\\x07\n",
    );
  });
});

test("a stack is shown with AVX_DEBUG=1 alone, with what caused the error", () => {
  const error = new AvxError({ code: "x" }, "above", { cause: new Error("below") });
  const plain = capturedContext();
  reportError(error, plain);
  expect(plain.stderr.text).toBe("avx: above\n");

  const debugging = capturedContext({ env: { AVX_DEBUG: "1" } });
  reportError(error, debugging);
  expect(debugging.stderr.text).toContain("errors.test.ts");
  expect(debugging.stderr.text).toContain("caused by Error: below");
});

test("causes in a circle end", () => {
  const error = new Error("a");
  error.cause = new Error("b", { cause: error });
  expect(formatError(error, { stack: true }).match(/caused by/g)).toHaveLength(1);
});

test("wrong usage exits with 2, anything else with 1, and stdout stays empty", () => {
  const context = capturedContext();
  expect(reportError(new UsageError("no"), context)).toBe(2);
  expect(reportError(new AvxError({ code: "x" }, "no"), context)).toBe(1);
  expect(reportError(new Error("no"), context)).toBe(1);
  expect(context.stdout.text).toBe("");
});

test("commands in a hint are typed as avx was called", () => {
  const error = new UsageError("no", { hint: "Start one with avx net start, or see avx --help" });
  expect(formatError(error)).toContain("avx net start, or see avx --help.");
  expect(formatError(error, { calledAs: "dist/avx" })).toContain(
    "Start one with dist/avx net start, or see dist/avx --help.",
  );
});
