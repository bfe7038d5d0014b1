const inOrder = (_: string, value: unknown): unknown =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));

/** JSON with sorted names and no spaces, so that equal data is equal text; what JSON has no word for is left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, inOrder);

/** As `canonicalJson`, where a property that is null is as good as absent. */
export const canonicalJsonWithoutNulls = (value: unknown): string =>
  JSON.stringify(value, (name, one: unknown) => {
    const sorted = inOrder(name, one);
    return sorted === one ? one : Object.fromEntries(Object.entries(sorted as object).filter(([, inner]) => inner !== null));
  });
