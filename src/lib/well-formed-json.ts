const pairOrLoneOrOther = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|.)/gs;

/**
 * Returns the JSON text with U+FFFD for each lone surrogate, escaped or not. UTF-8 cannot carry those, and strict readers refuse a whole
 * answer that holds one.
 */
export const wellFormedJson = (json: string): string =>
  (/\\u[dD][89a-fA-F]/.test(json)
    ? json.replace(pairOrLoneOrOther, (found, lone: string | undefined) => (lone === undefined ? found : '\uFFFD'))
    : json
  ).toWellFormed();

const holdsLoneSurrogate = (value: unknown): boolean => {
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsLoneSurrogate);
  return Object.entries(value).some(([key, one]) => !key.isWellFormed() || holdsLoneSurrogate(one));
};

const replaced = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(replaced);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), replaced(one)]));
};

/** Plain data of bounded depth with U+FFFD for each lone surrogate in its texts; unchanged where there is none. */
export const wellFormed = <T>(value: T): T => (holdsLoneSurrogate(value) ? (replaced(value) as T) : value);
