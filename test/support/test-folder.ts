import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';

/** Makes a folder, and deletes it with its contents when the test has ended, or the surrounding suite or file where no test is given. */
export const testFolder = (test?: Pick<TestContext, 'after'>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (test) test.after(remove);
  else after(remove);
  return folder;
};
