/** Chooses at most `count` of the ids. */
export type TakeTurns = (ids: readonly string[], count: number) => readonly string[];

/** Takes turns: those whose last turn is longest ago, since lists come in any order. */
export const createTurns = (): TakeTurns => {
  const lastRounds = new Map<string, number>();
  let round = 0;
  const lastRound = (id: string) => lastRounds.get(id) ?? 0;
  return (ids, count) => {
    round += 1;
    const chosen = ids.toSorted((left, right) => lastRound(left) - lastRound(right)).slice(0, count);
    for (const id of chosen) lastRounds.set(id, round);
    return chosen;
  };
};
