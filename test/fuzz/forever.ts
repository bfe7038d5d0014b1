/** `npm run fuzz`: round after round of every fuzz test, each from a new seed, until one fails or it is interrupted. */
import { spawnSync } from 'node:child_process';

const roundRuns = process.env.FUZZ_RUNS ?? '2000';
const started = Date.now();

for (let round = 1; ; round += 1) {
  // Elsewhere these two take the same scenes each time.
  const seed = String(Date.now() % 2 ** 31);
  const scenes = ['properties', 'truth-properties'].map((name) => `test/domain/blackout/${name}.test.ts`);
  const { status, signal } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=2', 'test/fuzz/*.test.ts', 'test/http/hostile-input.test.ts', ...scenes],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, FUZZ_RUNS: roundRuns, FC_SEED: seed } },
  );
  if (signal !== null || status !== 0) process.exit(status ?? 1);
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(`round ${round} found nothing; ${seconds} s so far\n`);
}
