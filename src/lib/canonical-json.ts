const inOrder = (_: string, value: unknown): unknown =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));

/** JSON with sorted names and no spaces, so that equal data is equal text; what JSON has no word for is left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, inOrder);

/** As `canonicalJson`, where a property that is null is as good as absent, and names that are numbers are sorted as text. Its hashes are stored. */
export const canonicalJsonWithoutNulls = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJsonWithoutNulls).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${canonicalJsonWithoutNulls(one)}`).join()}}`;
};
