/** Which test files a lane runs, and how. Each file is in the default or in the long one; the unit lane is a fast part of both. */
import { globSync } from 'node:fs';

const everyFile = () =>
  globSync('test/**/*.test.ts', { exclude: ['**/node_modules/**', 'test/bench/peers/**', 'test/examples/**'] })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

/** Pure code, without servers, databases or browsers. */
const unit = [
  /^test\/lib\//,
  /^test\/domain\/(?!blackout\/(crash|vendors|wrong-clocks|outages)\.)/,
  /^test\/vendors\/\w+\/(mapping|wire|sign|settings|local-time|times)[\w-]*\.test\.ts$/,
  /^test\/graphql\/policy\//,
  /^test\/config\//,
];

/**
 * Properties over hundreds of stores, minutes of load, several servers, other people's suites, boards of hundreds of agents on every size
 * of screen, audio in every format.
 */
const long = [
  /^test\/(soak|servers|suites|fuzz)\//,
  /^test\/domain\/blackout\/(crash|properties|truth-properties)\./,
  /^test\/domain\/(observe\/properties|control\/whom-is-meant)\./,
  /^test\/vendors\/tencent\/storm\./,
  /^test\/vendors\/huawei\/two-servers\./,
  /^test\/web\/(layout|many-agents)\./,
  /^test\/http\/media\/playback\./,
];

const isOf = (patterns, file) => patterns.some((pattern) => pattern.test(file));

/** @type {Record<string, { files: string[], isolation: 'process' | 'none', concurrency: number, environment: Record<string, string> }>} */
export const lanes = {
  unit: {
    files: everyFile().filter((file) => isOf(unit, file)),
    isolation: 'none',
    concurrency: 1,
    environment: { FC_RUNS: '5', FUZZ_RUNS: '20' },
  },
  default: {
    files: everyFile().filter((file) => !isOf(long, file)),
    isolation: 'process',
    concurrency: 3,
    environment: {},
  },
  long: {
    files: everyFile().filter((file) => isOf(long, file)),
    isolation: 'process',
    concurrency: 3,
    environment: {},
  },
};
