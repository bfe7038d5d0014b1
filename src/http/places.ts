/** Counts who holds how many places, and takes one more for `name` where that is fewer than `max`; the function gives it back. */
export const createPlaces = () => {
  const held = new Map<string, number>();
  return (name: string, max: number): (() => void) | null => {
    const before = held.get(name) ?? 0;
    if (before >= max) return null;
    held.set(name, before + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (held.get(name) ?? 1) - 1;
      if (left === 0) held.delete(name);
      else held.set(name, left);
    };
  };
};
