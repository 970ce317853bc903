/**
 * How a connection inside one process comes about: with the round trips of TCP and TLS 1.3, and their time-outs.
 *
 * @module
 */

import type { Timer } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { Connection, ListenHandler } from "./contract.ts";
import { TransportError } from "./errors.ts";
import { connectionPair, type MemoryConnection } from "./memory_connection.ts";
import { INITIAL_RETRANSMIT_MS, type MemoryWire, retransmitMs, sendUntilThere } from "./memory_link.ts";
import { DEFAULT_DIAL_TIMEOUT_MS, DEFAULT_HANDSHAKE_TIMEOUT_MS } from "./tls.ts";

/** Bytes of the flights of a mutual TLS 1.3 handshake with certificates of nodes, as measured. */
const HELLO_BYTES = 300;
const LISTENER_FLIGHT_BYTES = 900;
const DIALLER_FLIGHT_BYTES = 700;

/** Who can be reached at an address. */
export interface MemoryListening {
  readonly certificate: Certificate;
  readonly handler: ListenHandler;
  /** Handshakes that the dialling side has finished and this one has not; each is ended by cancelling it. */
  readonly upgrades: Set<Timer>;
  readonly onOpen: (end: MemoryConnection) => void;
  readonly onEnd: (end: MemoryConnection) => void;
}

export interface MemoryDialOptions {
  readonly certificate: Certificate;
  readonly from: AddrPort;
  readonly to: AddrPort;
  readonly signal: AbortSignal;
  /** Who listens at an address now. */
  readonly listeningAt: (address: AddrPort) => MemoryListening | undefined;
  readonly onOpen: (end: MemoryConnection) => void;
  readonly onEnd: (end: MemoryConnection) => void;
}

/**
 * Dials.
 *
 * 1. SYN, and what answers it: where nobody listens, a refusal.
 * 2. TCP's third packet and the client's hello. The listener may refuse to go on.
 * 3. The listener's flight, its certificate in it: the dialling side is done.
 * 4. The dialling side's flight: the listening side is done too, if its certificate arrives in time.
 */
export function dialMemory(wire: MemoryWire, options: MemoryDialOptions): Promise<Connection> {
  return new MemoryDial(wire, options).promise;
}

class MemoryDial {
  readonly #wire: MemoryWire;
  readonly #options: MemoryDialOptions;
  readonly #result = Promise.withResolvers<Connection>();
  readonly #onAbort = (): void => this.#fail("aborted");
  /** Aborted when the dial is over, however it ended. */
  readonly #ended = new AbortController();
  #step: Timer | undefined;
  #limit: Timer;

  constructor(wire: MemoryWire, options: MemoryDialOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#limit = this.#limitTo(DEFAULT_DIAL_TIMEOUT_MS);
    const { from, signal, to } = options;
    if (signal.aborted) {
      this.#fail("aborted");
      return;
    }
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#send(from, to, 0, INITIAL_RETRANSMIT_MS, () => this.#knock());
  }

  get promise(): Promise<Connection> {
    return this.#result.promise;
  }

  #knock(): void {
    const { from, listeningAt, to } = this.#options;
    const isThere = listeningAt(to) !== undefined;
    this.#send(to, from, 0, INITIAL_RETRANSMIT_MS, (delayMs) => {
      if (isThere) this.#sayHello(retransmitMs(delayMs));
      else this.#fail("connect-failed");
    });
  }

  #sayHello(pauseMs: number): void {
    const { from, listeningAt, to } = this.#options;
    this.#limit.cancel();
    this.#limit = this.#limitTo(DEFAULT_HANDSHAKE_TIMEOUT_MS);
    this.#send(from, to, HELLO_BYTES, pauseMs, () => {
      const listening = listeningAt(to);
      if (listening === undefined) this.#answer(undefined, pauseMs);
      else this.#takeTurn(listening, pauseMs);
    });
  }

  #takeTurn(listening: MemoryListening, pauseMs: number): void {
    const turn = listening.handler.takeTurn(this.#ended.signal);
    if (turn === undefined) {
      this.#answer(listening, pauseMs);
      return;
    }
    turn.then(
      () => this.#answer(listening, pauseMs),
      () => this.#answer(undefined, pauseMs),
    );
  }

  /** @param listening Who took up the connection; nobody did where it is missing. */
  #answer(listening: MemoryListening | undefined, pauseMs: number): void {
    if (this.#ended.signal.aborted) return;
    const { from, to } = this.#options;
    const isWelcome = listening?.handler.shouldUpgrade(from) === true;
    this.#send(to, from, isWelcome ? LISTENER_FLIGHT_BYTES : 0, pauseMs, () => {
      if (isWelcome) this.#finish(listening, pauseMs);
      else this.#fail("connect-failed");
    });
  }

  #finish(listening: MemoryListening, pauseMs: number): void {
    const { certificate, from, onEnd, onOpen, to } = this.#options;
    const [dialled, accepted] = connectionPair(this.#wire, {
      dialler: { certificate, address: from, onEnd },
      listener: { certificate: listening.certificate, address: to, onEnd: listening.onEnd },
    });
    onOpen(dialled);
    listening.onOpen(accepted);
    this.#end();
    upgrade(this.#wire, { listening, accepted, from, to, pauseMs });
    this.#result.resolve(dialled);
  }

  #send(from: AddrPort, to: AddrPort, bytes: number, pauseMs: number, onThere: (delayMs: number) => void): void {
    this.#step = sendUntilThere(this.#wire, { from, to, bytes, retransmitMs: pauseMs }, onThere);
  }

  #limitTo(timeoutMs: number): Timer {
    const { to: address } = this.#options;
    return this.#wire.clock.setTimeout(() => {
      this.#end();
      this.#result.reject(new TransportError({ code: "handshake-timeout", address, timeoutMs }));
    }, timeoutMs);
  }

  #fail(code: "aborted" | "connect-failed"): void {
    this.#end();
    this.#result.reject(new TransportError({ code, address: this.#options.to }));
  }

  #end(): void {
    this.#step?.cancel();
    this.#limit.cancel();
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#ended.abort();
  }
}

interface UpgradeOptions {
  readonly listening: MemoryListening;
  readonly accepted: MemoryConnection;
  readonly from: AddrPort;
  readonly to: AddrPort;
  readonly pauseMs: number;
}

/** The listening side's last step, which the dialling side does not wait for. */
function upgrade(wire: MemoryWire, { accepted, from, listening, pauseMs, to }: UpgradeOptions): void {
  const end = (): void => {
    flight.cancel();
    limit.cancel();
    listening.upgrades.delete(abandon);
  };
  const abandon: Timer = {
    cancel: () => {
      end();
      accepted.close();
    },
    [Symbol.dispose]: () => abandon.cancel(),
  };
  const packet = { from, to, bytes: DIALLER_FLIGHT_BYTES, retransmitMs: pauseMs };
  const flight = sendUntilThere(wire, packet, () => {
    end();
    listening.handler.onConnection(accepted);
  });
  const limit = wire.clock.setTimeout(() => {
    abandon.cancel();
    const timeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS;
    listening.handler.onUpgradeFailed(
      new TransportError({ code: "handshake-timeout", address: from, timeoutMs }),
      from,
    );
  }, DEFAULT_HANDSHAKE_TIMEOUT_MS);
  listening.upgrades.add(abandon);
}
