/** Counts how many slots each name holds. Takes one more for `name`, or returns null where it holds `max`; the function gives it back. */
export const createSlots = () => {
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
