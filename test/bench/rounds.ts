/** Rounds of several contenders, one after the other, so that whatever the machine does meets them all. */
import { type Load, load, median, spread } from './load.ts';

export interface Contender {
  name: string;
  load: Omit<Load, 'connections' | 'seconds'>;
}

export interface Measured {
  name: string;
  perSecond: number;
  /** Percent. */
  spread: number;
  p99Ms: number;
}

export const rounds = 5;

export const compare = async (
  folder: string,
  contenders: readonly Contender[],
  { connections, seconds = 1, warmSeconds = 1 }: { connections: number; seconds?: number; warmSeconds?: number },
): Promise<ReadonlyMap<string, Measured>> => {
  const results = new Map<string, { perSecond: number; p99Ms: number }[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await load(folder, { ...contender.load, connections, seconds: warmSeconds });
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      results.get(contender.name)!.push(await load(folder, { ...contender.load, connections, seconds }));
    }
  }
  return new Map(
    [...results].map(([name, all]) => {
      const rates = all.map(({ perSecond }) => perSecond);
      return [name, { name, perSecond: median(rates), spread: spread(rates), p99Ms: median(all.map(({ p99Ms }) => p99Ms)) }];
    }),
  );
};

export const rate = ({ perSecond, spread: instrumentation }: Measured): string =>
  `${Math.round(perSecond).toLocaleString('en-US')}/s ±${instrumentation.toFixed(0)} %`;
