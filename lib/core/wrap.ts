/**
 * Text in lines of a terminal.
 *
 * @module
 */

/**
 * Breaks a text into lines at its blanks.
 *
 * @param width The most characters of a line; a word that is longer has a line of its own.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
