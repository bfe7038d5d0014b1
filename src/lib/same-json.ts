/**
 * Returns true if two values as `JSON.parse` makes them say the same, whatever the order of their properties. They come from outside as they are;
 * `reduce` compares rows that are made here, in which a property may be undefined, and so has a comparison of its own.
 */
export const sameJson = (left: unknown, right: unknown): boolean => {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index += 1) if (!sameJson(left[index], right[index])) return false;
    return true;
  }
  if (Array.isArray(right)) return false;
  let surplus = 0;
  for (const name in left) {
    const other = (right as Record<string, unknown>)[name];
    // Of what every object inherits, only __proto__ is no function; asking each name whether it is own costs as much again.
    if (other === undefined || other === Object.prototype) return false;
    if (!sameJson((left as Record<string, unknown>)[name], other)) return false;
    surplus += 1;
  }
  for (const _ in right) surplus -= 1;
  return surplus === 0;
};
