import { expect, test } from "bun:test";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Reader } from "../../../lib/p2p/peer/reader.ts";
import { FakeConnection } from "../../support/fake_connection.ts";
import { frame } from "../../support/hostile_messages.ts";
import { noThrottling } from "../../support/no_throttling.ts";

const { certificate } = newTLSCert();

/** A reader whose frames are noted, and in whose frames of one byte there are so many steps of work, 3 ms each. */
function reader() {
  const clock = new ManualClock();
  const connection = new FakeConnection(certificate);
  const events: string[] = [];
  const failures: string[] = [];
  const charged = { running: 0 };
  function* work(steps: number) {
    try {
      for (let step = 1; step <= steps; step++) {
        expect(charged.running).toBe(1);
        events.push(`step ${step}`);
        clock.advance(3);
        yield;
      }
      events.push("done");
    } finally {
      events.push("released");
    }
  }
  const read = new Reader(
    {
      clock,
      connection,
      throttler: noThrottling.inboundMsgThrottler,
      resourceTracker: {
        startProcessing: () => charged.running++,
        stopProcessing: () => charged.running--,
      },
      onFrame: (body) => {
        events.push(`frame ${body.length}`);
        if (body.length === 1) read.inTurns(work(body[0] as number));
      },
      onFailure: (reason) => failures.push(reason),
    },
    { nodeID: certificate.nodeID, timeoutMs: 1_000 },
  );
  read.start();
  return { charged, clock, connection, events, failures, read };
}

test("work that is done in its turn holds nothing up", () => {
  const { connection, events, read } = reader();
  read.onData(concatBytes(frame(Uint8Array.of(1)), frame(new Uint8Array(2))));
  expect(events).toEqual(["frame 1", "step 1", "done", "released", "frame 2"]);
  expect(connection.paused).toBe(false);
});

test("longer work goes on in turns, and the next frame comes after it", () => {
  const { charged, clock, connection, events, read } = reader();
  read.onData(concatBytes(frame(Uint8Array.of(3)), frame(new Uint8Array(2))));
  expect(events).toEqual(["frame 1", "step 1", "step 2"]);
  expect(connection.paused).toBe(true);
  expect(charged.running).toBe(0);
  clock.advance(0);
  expect(events.slice(3)).toEqual(["step 3", "done", "released", "frame 2"]);
  expect(connection.paused).toBe(false);
  expect(charged.running).toBe(0);
});

test("work that waits for its turn is ended with the reader", () => {
  const { clock, events, read } = reader();
  read.onData(frame(Uint8Array.of(9)));
  read.close();
  clock.advance(100);
  expect(events).toEqual(["frame 1", "step 1", "step 2", "released"]);
  expect(clock.pendingTimers).toBe(0);
});

test("frames that take long one after the other wait for the others' turn", () => {
  const { clock, events, read } = reader();
  read.onData(concatBytes(frame(Uint8Array.of(2)), frame(Uint8Array.of(1)), frame(new Uint8Array(2))));
  expect(events).toEqual(["frame 1", "step 1", "step 2"]);
  clock.advance(0);
  expect(events.slice(3)).toEqual(["done", "released", "frame 1", "step 1", "done", "released", "frame 2"]);
});
