/** True if rows, and what is shown of them, say the same. */

/** Equal as JSON would be: what is absent is as good as undefined. */
const same = (left: unknown, right: unknown): boolean => {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((one, index) => same(one, right[index]));
  return addsNothing(left, right) && addsNothing(right, left);
};

/** Returns true if everything that `patch` says is so already. */
export const addsNothing = (known: object, patch: object): boolean => {
  for (const name in patch) {
    const value = (patch as Record<string, unknown>)[name];
    if (value !== undefined && !same((known as Record<string, unknown>)[name], value)) return false;
  }
  return true;
};

/** Returns true if two versions of a row say the same; when an agent was last shown is not written down with each poll. */
export const isSameRow = (left: object | null, right: object | null): boolean =>
  left === null || right === null ? left === right : same({ ...left, observedAt: undefined }, { ...right, observedAt: undefined });
