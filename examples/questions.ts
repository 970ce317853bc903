/**
 * Questions and answers: every node asks the others for square roots, is refused those that there are not, and waits in
 * vain for some.
 *
 *     avx net start --node-count 5 --app examples/questions.ts
 *
 * How the questions ended is in each node's health, at `/ext/health`, under `apps`.
 */

import type { App } from "../mod.ts";

const ASK_EVERY_MS = 20;
/** The app's own code; those below 0 are the protocol's. */
const NEGATIVE = 1;
/** A question whose answer takes longer than anyone waits: it ends by its deadline. */
const UNANSWERABLE = 0;
const TOO_LONG_MS = 12_000;
const TIMED_OUT = -1;

export default {
  name: "questions",

  start({ avx, every, protocols, random, sleep }) {
    const ended = { answered: 0, refused: 0, timedOut: 0 };
    const client = protocols.newClient(0);

    protocols.addHandler(0, {
      async appRequest(_nodeID, request) {
        const { number } = avx.decodeJSON(request);
        if (typeof number !== "number" || number < 0) throw new avx.AppError(NEGATIVE, "no real square root");
        if (number === UNANSWERABLE) await sleep(TOO_LONG_MS);
        return avx.encodeJSON({ root: Math.sqrt(number) });
      },
    });

    const ask = async (number: number) => {
      try {
        const { root } = avx.decodeJSON(await client.requestAny(avx.encodeJSON({ number })));
        if (root === Math.sqrt(number)) ended.answered++;
      } catch (error) {
        if (!(error instanceof avx.AppError)) return;
        if (error.code === TIMED_OUT) ended.timedOut++;
        else if (error.code === NEGATIVE) ended.refused++;
      }
    };
    every(ASK_EVERY_MS, () => {
      void ask(Math.floor(random.float() * 20) - 10);
    });

    return { health: () => ended };
  },
} satisfies App;
