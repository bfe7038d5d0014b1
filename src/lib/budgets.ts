/** Bounds what the works of one name that are in progress cost together. */
interface Budgets {
  /**
   * Resolves when the work fits beside those of its name that began before it; one alone always does. The function gives its cost back. Null where
   * too many of the name wait already.
   */
  hold(name: string, work: Work): Promise<(() => void) | null>;
}

interface Work {
  cost: number;
  /** Returns true once nobody waits for it: where too many wait, it makes room for others. */
  isGone(): boolean;
}

interface Waiting extends Work {
  begin(release: (() => void) | null): void;
}

interface Held {
  cost: number;
  /** Oldest first. */
  waiting: Waiting[];
}

export const createBudgets = (max: number, maxWaiting: number): Budgets => {
  const byName = new Map<string, Held>();

  const take = (name: string, held: Held, cost: number): (() => void) => {
    held.cost += cost;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      held.cost -= cost;
      beginWaiting(name, held);
    };
  };

  const beginWaiting = (name: string, held: Held): void => {
    for (;;) {
      const next = held.waiting[0];
      if (next === undefined) {
        if (held.cost === 0) byName.delete(name);
        return;
      }
      if (held.cost > 0 && held.cost + next.cost > max) return;
      held.waiting.shift();
      next.begin(take(name, held, next.cost));
    }
  };

  /** Makes room of those whom nobody waits for any more. */
  const dropGone = (name: string, held: Held): void => {
    const { gone = [], here = [] } = Object.groupBy(held.waiting, ({ isGone }) => (isGone() ? 'gone' : 'here'));
    held.waiting = here;
    for (const { begin } of gone) begin(null);
    beginWaiting(name, held);
  };

  return {
    hold: async (name, { cost: given, isGone }) => {
      // Whole numbers, since sums of fractions never come back to zero exactly.
      const cost = Math.max(1, Math.ceil(given));
      const held = byName.get(name) ?? { cost: 0, waiting: [] };
      if (held.waiting.length >= maxWaiting) dropGone(name, held);
      if (held.waiting.length >= maxWaiting) return null;
      return new Promise((begin) => {
        byName.set(name, held);
        held.waiting.push({ cost, isGone, begin });
        beginWaiting(name, held);
      });
    },
  };
};
