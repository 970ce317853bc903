/**
 * Answers as Go's HTTP server gives them.
 *
 * @module
 */

const PLAIN_TEXT = "text/plain; charset=utf-8";

/** A text with its status, as gorilla's RPC server refuses: no line end. */
export function textResponse(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": PLAIN_TEXT } });
}

/** A text with its status, as `http.Error` refuses: a line end, and no guessing of types. */
export function errorResponse(status: number, text: string): Response {
  const headers = { "content-type": PLAIN_TEXT, "x-content-type-options": "nosniff" };
  return new Response(`${text}\n`, { status, headers });
}

/** The answer for a path that nothing is at. */
export function notFound(): Response {
  return errorResponse(404, "404 page not found");
}

/** The answer for a path that is written in another way than it should be. */
export function movedTo(path: string): Response {
  return new Response(null, { status: 301, headers: { location: path } });
}
