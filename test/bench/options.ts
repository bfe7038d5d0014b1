/** Reads the arguments of `npm run bench`, and holds what each of its sections needs. */
import { parseArgs } from 'node:util';
import { type OursOptions, serverFile, startOurs } from './ours.ts';
import type { Server } from './processes.ts';
import type { RoundsOptions } from './rounds.ts';
import type { Vendor } from './vendor.ts';

export interface Bench {
  folder: string;
  vendor: Vendor;
  /** For what is judged. */
  judged: RoundsOptions;
  /** For what is only printed. */
  shown: RoundsOptions;
  minutes: number | null;
  isWanted(row: string): boolean;
  /** Another checkout whose build is compared with this one's, instead of the peers; null for the peers. */
  against: string | null;
}

/** This build, and the one of the other checkout where one is compared. */
export interface Builds {
  ours: Server;
  other: Server | null;
  stop(): Promise<void>;
}

export const startBuilds = async ({ against }: Pick<Bench, 'against'>, options: OursOptions): Promise<Builds> => {
  const ours = await startOurs(options);
  const other =
    against === null
      ? null
      : await startOurs({ ...options, folder: `${options.folder}-other`, store: options.otherStore }, `${against}/dist/tapegraph.js`);
  return {
    ours,
    other,
    stop: async () => {
      await ours.stop();
      await other?.stop();
    },
  };
};

const usage = `npm run bench -- [ROW ...] [--against CHECKOUT] [--rounds N] [--seconds N] [--minutes N]
  ROW        runs these rows alone: live-1, through-32, commands-postgres … or a first part of their names, such as live
  --against  compares with the build of another checkout, in interleaved rounds, instead of with the peers
  --rounds   of what is judged, 5 by default; --seconds, the length of each, 1 by default; --minutes, of npm run bench memory
`;

export const readOptions = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      against: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  return {
    wanted: positionals,
    against: values.against ?? null,
    judged: { rounds, seconds },
    shown: { rounds: Math.min(rounds, 3), seconds },
    minutes: values.minutes === undefined ? null : Number(values.minutes),
    serverFile,
  };
};
