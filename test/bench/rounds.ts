/** Rounds of several contenders, one after the other, so that whatever the machine does meets them all. */
import { type Load, type LoadResult, load, median, spread } from './load.ts';

export interface Contender {
  name: string;
  load: Omit<Load, 'connections' | 'seconds'>;
}

export interface Measured {
  name: string;
  perSecond: number;
  /** Half the distance between the extremes, in percent. */
  spread: number;
  p99Ms: number;
  rounds: readonly LoadResult[];
  /** How many times the other this one is: the median of the rounds. */
  timesOf(other: Measured): number;
}

export interface RoundsOptions {
  rounds: number;
  /** Of each round. */
  seconds: number;
  warmSeconds?: number;
}

const measuredOf = (name: string, rounds: readonly LoadResult[]): Measured => ({
  name,
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  spread: spread(rounds.map(({ perSecond }) => perSecond)),
  p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
  rounds,
  timesOf: (other) => median(rounds.map(({ perSecond }, round) => perSecond / other.rounds[round]!.perSecond)),
});

/** Every other round goes backwards, so that nobody is always first. */
export const compare = async (
  folder: string,
  contenders: readonly Contender[],
  { connections, rounds, seconds, warmSeconds = 1 }: RoundsOptions & { connections: number },
): Promise<ReadonlyMap<string, Measured>> => {
  const results = new Map<string, LoadResult[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await load(folder, { ...contender.load, connections, seconds: warmSeconds });
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      results.get(contender.name)!.push(await load(folder, { ...contender.load, connections, seconds }));
    }
  }
  return new Map([...results].map(([name, all]) => [name, measuredOf(name, all)]));
};
