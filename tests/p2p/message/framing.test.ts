import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concatBytes } from "../../../lib/core/bytes.ts";
import {
  FrameReader,
  type FrameSink,
  FramingError,
  MAX_MESSAGE_LENGTH,
  writeMessageLength,
} from "../../../lib/p2p/message/framing.ts";

function frame(body: Uint8Array): Uint8Array {
  return concatBytes(writeMessageLength(body.length), body);
}

/** A sink that keeps what it is told. */
function collector(grant: (length: number) => boolean = () => true): FrameSink & {
  readonly lengths: number[];
  readonly frames: Uint8Array[];
} {
  const lengths: number[] = [];
  const frames: Uint8Array[] = [];
  return {
    lengths,
    frames,
    onLength: (length) => {
      lengths.push(length);
      return grant(length);
    },
    onFrame: (body) => frames.push(body),
  };
}

describe("FrameReader", () => {
  test("a stream gives the same frames however it is cut", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(bodies, cuts, fc.boolean(), (bodies, cuts, waits) => {
        const stream = concatBytes(...bodies.map(frame));
        const sink = collector(() => !waits);
        const reader = new FrameReader(sink);
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] as number;
          reader.push(stream.subarray(at, at + size));
          at += size;
          while (i % 3 === 0 && reader.waiting) reader.resume();
        }
        while (reader.waiting) reader.resume();
        expect(sink.frames).toEqual(bodies);
        expect(sink.lengths).toEqual(bodies.map((body) => body.length));
        expect(reader.buffered).toBe(0);
      }),
    );
  });

  test("a body that lies whole in a chunk is not copied", () => {
    const sink = collector();
    const chunk = concatBytes(frame(Uint8Array.of(1, 2, 3)), frame(Uint8Array.of(4)));
    new FrameReader(sink).push(chunk);
    expect(sink.frames.map((body) => body.buffer === chunk.buffer)).toEqual([true, true]);
  });

  test("a chunk that is a Buffer gives plain byte arrays", () => {
    const sink = collector();
    new FrameReader(sink).push(Buffer.from(frame(Uint8Array.of(7))));
    expect(sink.frames[0]?.constructor).toBe(Uint8Array);
  });

  test("no body is handed out before its length is granted", () => {
    const sink = collector(() => false);
    const reader = new FrameReader(sink);
    reader.push(concatBytes(frame(Uint8Array.of(1, 2)), frame(Uint8Array.of(3))));
    expect(reader.waiting).toBe(true);
    expect(sink.lengths).toEqual([2]);
    expect(sink.frames).toEqual([]);

    reader.push(Uint8Array.of(9));
    expect(reader.buffered).toBe(2 + 5 + 1);

    reader.resume();
    expect(sink.frames).toEqual([Uint8Array.of(1, 2)]);
    expect(sink.lengths).toEqual([2, 1]);
    expect(reader.waiting).toBe(true);
    reader.resume();
    expect(reader.waiting).toBe(false);
    expect(reader.buffered).toBe(1);
  });

  test("resuming what does not wait does nothing", () => {
    const sink = collector();
    const reader = new FrameReader(sink);
    reader.resume();
    reader.push(frame(Uint8Array.of(1)));
    reader.resume();
    expect(sink.frames.length).toBe(1);
  });

  test("a sink that grants from within its refusal goes on after it has returned", () => {
    const frames: Uint8Array[] = [];
    const reader: FrameReader = new FrameReader({
      onLength: () => {
        reader.resume();
        return false;
      },
      onFrame: (body) => frames.push(body),
    });
    reader.push(frame(Uint8Array.of(1)));
    expect(frames).toEqual([]);
    expect(reader.waiting).toBe(true);
    reader.resume();
    expect(frames).toEqual([Uint8Array.of(1)]);
  });

  test("an empty frame is a frame", () => {
    const sink = collector();
    new FrameReader(sink).push(new Uint8Array(8));
    expect(sink.frames).toEqual([new Uint8Array(0), new Uint8Array(0)]);
  });

  test("a length over the limit closes the reader", () => {
    const sink = collector();
    const reader = new FrameReader(sink);
    const prefix = Uint8Array.of(0x00, 0x20, 0x00, 0x01);
    expect(() => reader.push(prefix)).toThrow(FramingError);
    reader.push(frame(Uint8Array.of(1)));
    expect(sink.lengths).toEqual([]);
    expect(reader.buffered).toBe(0);
  });

  test("a length at the limit is read", () => {
    const sink = collector();
    new FrameReader(sink).push(Uint8Array.of(0x00, 0x20, 0x00, 0x00));
    expect(sink.lengths).toEqual([MAX_MESSAGE_LENGTH]);
  });

  test("a lower limit is kept", () => {
    expect(() => new FrameReader(collector(), 2).push(Uint8Array.of(0, 0, 0, 3))).toThrow(
      "maximum message length exceeded; the message length 3 exceeds the specified limit 2",
    );
  });

  test("a sink that closes the reader gets no further frame", () => {
    let frames = 0;
    const reader: FrameReader = new FrameReader({
      onLength: () => true,
      onFrame: () => {
        frames++;
        reader.close();
      },
    });
    reader.push(concatBytes(frame(Uint8Array.of(1)), frame(Uint8Array.of(2))));
    expect(frames).toBe(1);
    expect(reader.buffered).toBe(0);
  });

  test("a sink that closes the reader when it hears a length gets no body", () => {
    const frames: Uint8Array[] = [];
    const reader: FrameReader = new FrameReader({
      onLength: () => {
        reader.close();
        return false;
      },
      onFrame: (body) => frames.push(body),
    });
    reader.push(frame(Uint8Array.of(1)));
    expect(reader.waiting).toBe(false);
    expect(frames).toEqual([]);
  });

  test("bytes pushed from within a frame are read after it", () => {
    const seen: number[] = [];
    const reader: FrameReader = new FrameReader({
      onLength: () => true,
      onFrame: (body) => {
        const first = body[0] as number;
        if (first === 1) reader.push(frame(Uint8Array.of(3)));
        seen.push(first);
      },
    });
    reader.push(concatBytes(frame(Uint8Array.of(1)), frame(Uint8Array.of(2))));
    expect(seen).toEqual([1, 2, 3]);
  });

  test("what a sink throws comes through, and the next frame is read after it", () => {
    const seen: number[] = [];
    const reader = new FrameReader({
      onLength: () => true,
      onFrame: (body) => {
        if (body[0] === 1) throw new Error("no");
        seen.push(body[0] as number);
      },
    });
    expect(() => reader.push(concatBytes(frame(Uint8Array.of(1)), frame(Uint8Array.of(2))))).toThrow("no");
    reader.push(frame(Uint8Array.of(3)));
    expect(seen).toEqual([2, 3]);
  });
});
