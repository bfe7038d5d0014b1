/** Prints failures in full, passes not at all, the ten slowest files, and ends with one line: N passed, N failed. */
import { relative } from 'node:path';

export default async function* reporter(source) {
  let passed = 0;
  let failed = 0;
  /** Seconds by file. */
  const seconds = new Map();
  for await (const event of source) {
    const { data } = event;
    if (event.type === 'test:pass' && data.skip !== undefined) yield `skipped: ${data.name} (${data.skip})\n`;
    else if (event.type === 'test:pass' && data.details?.type !== 'suite') passed += 1;
    // A suite that breaks off before its tests are made has no test that fails.
    if (event.type === 'test:fail' && (data.details?.type !== 'suite' || data.details.error?.failureType !== 'subtestsFailed')) {
      failed += 1;
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      yield `\n✖ ${data.file ? `${relative(process.cwd(), data.file)}: ` : ''}${data.name}\n${cause?.stack ?? cause?.message ?? cause}\n`;
      // Of a process that ended badly.
      if (error?.exitCode !== undefined || error?.signal) yield `exit code ${error.exitCode}, signal ${error.signal}\n`;
    }
    if (event.type === 'test:summary' && data.file) seconds.set(relative(process.cwd(), data.file), data.duration_ms / 1000);
    if (event.type === 'test:stderr' && process.env.TEST_VERBOSE) yield data.message;
    if (event.type === 'test:diagnostic' && data.level === 'info' && /^note: /.test(data.message)) yield `${data.message}\n`;
  }
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, 10);
  for (const [file, duration] of slowest) yield `${duration.toFixed(1).padStart(6)} s  ${file}\n`;
  yield `\n${passed} passed, ${failed} failed\n`;
}
