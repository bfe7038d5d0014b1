/** Bounds what is held in each name. */
export interface Quotas {
  /** Takes `amount` more for the name, rounded up; null where it would hold more than `max`. The function gives it back. */
  take(name: string, taken: { amount?: number; max: number }): (() => void) | null;
  /** Returns what the name holds. */
  held(name: string): number;
}

export const createQuotas = (): Quotas => {
  const held = new Map<string, number>();
  const heldBy = (name: string): number => held.get(name) ?? 0;
  return {
    held: heldBy,
    take: (name, { amount = 1, max }) => {
      // Whole numbers, since sums of fractions never come back to zero exactly.
      const whole = Math.ceil(amount);
      if (heldBy(name) + whole > max) return null;
      held.set(name, heldBy(name) + whole);
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        const left = heldBy(name) - whole;
        if (left === 0) held.delete(name);
        else held.set(name, left);
      };
    },
  };
};
