const REPLACEMENT = 0x3f;

/**
 * The code point to put in a cell: the character itself where it is certain to be one cell wide. Names of mounts
 * and interfaces come from outside: control characters in them would steer the terminal, wide and combining ones
 * would shift all that follows.
 */
export function oneCell(codePoint: number): number {
  return isOneCell(codePoint) ? codePoint : REPLACEMENT;
}

function isOneCell(codePoint: number): boolean {
  if (codePoint < 0x7f) return codePoint >= 0x20;
  // Latin, Greek and Cyrillic, without the combining marks between them and the soft hyphen.
  if (codePoint < 0x0483)
    return codePoint >= 0xa0 && codePoint !== 0xad && (codePoint < 0x300 || codePoint > 0x36f);
  // Punctuation such as dashes and the ellipsis; arrows; box drawing, blocks and geometric shapes.
  if (codePoint >= 0x2010 && codePoint <= 0x2027) return true;
  return (codePoint >= 0x2190 && codePoint <= 0x21ff) || (codePoint >= 0x2500 && codePoint <= 0x25ff);
}

/** The text padded with spaces to the given width, or cut with an ellipsis at the end. */
export function fitted(text: string, cells: number, ellipsis: string): string {
  const characters = [...text];
  if (characters.length <= cells) return text + ' '.repeat(cells - characters.length);
  return cells < 1 ? '' : characters.slice(0, cells - 1).join('') + ellipsis;
}

/** Wraps the text to lines of at most the given width, between words where there are any. */
export function wrapped(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > cells) {
      lines.push(line);
      line = '';
    }
    while (word.length > cells && cells > 0) {
      lines.push(word.slice(0, cells));
      word = word.slice(cells);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
