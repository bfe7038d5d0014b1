/** Load by wrk, and the numbers that are made of its rounds. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { loadCore, pinned } from './processes.ts';

const run = promisify(execFile);

export interface Load {
  url: string;
  /** Posted; GET where there is none. */
  body?: string;
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
  /** A Lua expression for the body of each request, in which `n` counts them. */
  bodyOf?: string;
  /** Each request is for the next of these instead of the URL's own path. */
  paths?: readonly string[];
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  bytesPerSecond: number;
}

const quoted = (text: string) => `[==[${text}]==]`;

const script = ({ body, bodyOf, paths, headers = {} }: Load) => `
wrk.method = ${body === undefined && bodyOf === undefined ? '"GET"' : '"POST"'}
${body === undefined ? '' : `wrk.body = ${quoted(body)}`}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${quoted(name)} ] = ${quoted(value)}`)
  .join('\n')}
${
  paths === undefined
    ? ''
    : `local paths = { ${paths.map(quoted).join(', ')} }\nlocal at = 0\nrequest = function() at = at + 1; return wrk.format(nil, paths[at % #paths + 1]) end`
}
${bodyOf === undefined ? '' : `local n = 0\nlocal run = os.time() % 100000\nrequest = function() n = n + 1; return wrk.format(nil, nil, nil, ${bodyOf}) end`}
done = function(summary, latency)
  io.write(string.format('RESULT {"requests":%d,"us":%d,"bytes":%d,"p50":%f,"p99":%f,"errors":%d}\\n', summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
`;

/** One round; throws where any answer was not 2xx. */
export const load = async (folder: string, wanted: Load): Promise<LoadResult> => {
  const file = `${folder}/load.lua`;
  writeFileSync(file, script(wanted));
  const { stdout } = await run(
    'taskset',
    pinned(loadCore, 'wrk', '-t1', `-c${wanted.connections}`, `-d${wanted.seconds}s`, '--timeout', '20s', '-s', file, wanted.url),
  );
  const { requests, us, bytes, p50, p99, errors } = JSON.parse(/RESULT (.*)/.exec(stdout)![1]!);
  if (errors > 0) throw new Error(`${errors} of ${requests} answers of ${wanted.url} were failures`);
  return { perSecond: requests / (us / 1e6), p50Ms: p50 / 1000, p99Ms: p99 / 1000, bytesPerSecond: bytes / (us / 1e6) };
};

export const median = (values: readonly number[]): number => values.toSorted((left, right) => left - right)[values.length >> 1]!;

/** Half the distance between the extremes, in percent of the median. */
export const spread = (values: readonly number[]): number => ((Math.max(...values) - Math.min(...values)) / 2 / median(values)) * 100;
