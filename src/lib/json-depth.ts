/** Returns whether lists and objects are nested in one another more than `levels` deep. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (isDeeperThan(inner, levels - 1)) return true;
  return false;
};

const [quote, backslash, comma, openList, openObject, closeList, closeObject] = Buffer.from('"\\,[{]}');

/**
 * Returns which limit JSON in UTF-8 exceeds, without parsing it: a deep text costs a hundred times as much to parse as one of the same length, and
 * one of many values ten times. A list or object is a value, and so is each value in it.
 */
export const jsonExcess = (json: Uint8Array, limits: { levels: number; values: number }): 'levels' | 'values' | null => {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) {
      for (at += 1; at < json.length && json[at] !== quote; at += 1) if (json[at] === backslash) at += 1;
    } else if (byte === closeList || byte === closeObject) depth -= 1;
    else if (byte === openList || byte === openObject || byte === comma) {
      // The first value of a list or object comes behind its bracket, each further one behind a comma; an empty one counts as if it held a value.
      values += 1;
      if (values > limits.values) return 'values';
      if (byte === comma) continue;
      depth += 1;
      if (depth > limits.levels) return 'levels';
    }
  }
  return null;
};
