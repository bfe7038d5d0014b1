/** `text` without the characters at its end that are `ending`; a pattern for it would try each of them again. */
export const withoutEnding = (text: string, ending: string): string => {
  let length = text.length;
  while (length > 0 && text[length - 1] === ending) length -= 1;
  return text.slice(0, length);
};
