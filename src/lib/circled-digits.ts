/** The ones of digits in circles, of which Unicode has one to nine in a row. */
const ones = [0x24f5, 0x2776, 0x2780, 0x278a];
const circled = /[\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{1f10b}\u{1f10c}]/gu;

/** `text` with digits in black, double and sans-serif circles in ASCII: Unicode's compatible forms leave them out. */
export const plainCircledDigits = (text: string): string =>
  text.replaceAll(circled, (digit) => {
    const code = digit.codePointAt(0)!;
    const one = ones.find((first) => code >= first && code < first + 9);
    return one === undefined ? '0' : String(code - one + 1);
  });
