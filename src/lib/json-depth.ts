/** Returns whether lists and objects are nested in one another more than `levels` deep. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (isDeeperThan(inner, levels - 1)) return true;
  return false;
};

const [quote, backslash, openList, openObject, closeList, closeObject] = Buffer.from('"\\[{]}');

/** As `isDeeperThan`, of JSON in UTF-8, without parsing it: a deep text costs a hundred times as much to parse as one of the same length. */
export const isJsonDeeperThan = (json: Uint8Array, levels: number): boolean => {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) {
      for (at += 1; at < json.length && json[at] !== quote; at += 1) if (json[at] === backslash) at += 1;
    } else if (byte === openList || byte === openObject) {
      depth += 1;
      if (depth > levels) return true;
    } else if (byte === closeList || byte === closeObject) depth -= 1;
  }
  return false;
};
