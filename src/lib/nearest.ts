/** The number of letters to change, add, take out or swap with their neighbour between two words. */
const distance = (from: string, to: string): number => {
  let above: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next.push(isSwapped ? Math.min(changed, above[j - 2]! + 1) : changed);
    }
    above = row;
    row = next;
  }
  return row.at(-1)!;
};

/** The known word that a misspelled one most likely means; null where none is near. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  if (word.length > 100) return null;
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = known
    .map((one) => ({ one, away: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away);
  return ranked[0]?.one ?? null;
};
