/** Tapegraph as it is measured: the production build, API keys, every limit in place. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Server, startServer } from './processes.ts';

export const root = new URL('../..', import.meta.url).pathname;
const key = 'bench';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Callers with a key of their own each, beside the one whose key all share. */
export const callers = 32;

/** Neither `audit:read`, which adds the price to every answer, nor masking, which the peers do not have. */
const scopes = ['agents:read', 'recordings:read', 'recordings:control', 'blackouts:control', 'media:read', 'pii:read'];

export const authorization = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
export const pushAuthorization = { authorization: `Basic ${Buffer.from('tccc:bench').toString('base64')}` };

export interface OursOptions {
  folder: string;
  vendorUrl: string;
  /** 0 asks the vendor for every read; 86,400 answers from live state; 'default' leaves this and the polls as they are by default. */
  maxStalenessSeconds: number | 'default';
  /** Instead of a SQLite file. */
  store?: string | undefined;
  /** The store of the other build, where one is compared. */
  otherStore?: string | undefined;
  sources?: readonly ('hq' | 'hundred' | 'office' | 'desk')[];
  /** Further blocks of `sources:`. */
  more?: readonly object[];
}

const sourceNames = ['hq', 'hundred', 'office', 'desk'] as const;

const withKey = (name: string) => ({ name, keySha256: sha256(name), scopes });

/** Pollers ask once at the start, so that nothing is measured but what is requested. */
const rarely = 3600;

const sourceBlocks = ({ vendorUrl, maxStalenessSeconds }: OursOptions) => {
  const freshness = maxStalenessSeconds === 'default' ? {} : { pollSeconds: rarely, maxStalenessSeconds };
  return {
    hq: {
      vendor: 'uptivity',
      baseUrl: `${vendorUrl}/uptivity`,
      maxAgentBlackoutSeconds: 300,
      timeZone: 'UTC',
      ...freshness,
    },
    hundred: {
      vendor: 'uptivity',
      baseUrl: `${vendorUrl}/uptivity100`,
      maxAgentBlackoutSeconds: 300,
      timeZone: 'UTC',
      ...freshness,
    },
    office: {
      vendor: 'miralix',
      baseUrl: vendorUrl,
      account: 'bench',
      sharedSecret: 'bench',
      version: '7.3',
      directRecordings: false,
      ...freshness,
    },
    desk: { vendor: 'tencent', sdkAppId: 1400264214, push: { auth: { type: 'basic', username: 'tccc', password: 'bench' } } },
  };
};

/** The server as it is built for production, or the file that TAPEGRAPH_BENCH_SERVER names. */
export const serverFile = process.env.TAPEGRAPH_BENCH_SERVER ?? `${root}dist/tapegraph.js`;

/** Writes the configuration; answers its file. */
export const configure = (options: OursOptions): string => {
  mkdirSync(options.folder, { recursive: true });
  const blocks = sourceBlocks(options);
  const config = {
    server: { port: 0 },
    limits: { requestsPerSecond: 1_000_000, socketsPerCaller: 20_000 },
    auth: { mode: 'apiKeys', apiKeys: [key, ...Array.from({ length: callers }, (_, caller) => `${key}-${caller}`)].map(withKey) },
    store: { url: options.store ?? `sqlite:${options.folder}/tapegraph.db` },
    log: { level: 'error' },
    sources: [...(options.sources ?? sourceNames).map((name) => ({ name, ...blocks[name] })), ...(options.more ?? [])],
  };
  const file = `${options.folder}/tapegraph.yaml`;
  writeFileSync(file, JSON.stringify(config, null, 1));
  return file;
};

/** The flags of Node that `npm start` gives, and those of TAPEGRAPH_BENCH_FLAGS. */
export const nodeFlags = (): readonly string[] => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { scripts: { start: string } };
  return [...(scripts.start.match(/--\S+/g) ?? []), ...(process.env.TAPEGRAPH_BENCH_FLAGS?.split(' ') ?? [])];
};

/** `server` is another build's file. */
export const startOurs = (options: OursOptions, server = serverFile): Promise<Server> => {
  return startServer([process.execPath, ...nodeFlags(), server, 'start', '--config', configure(options)], { cwd: options.folder });
};
