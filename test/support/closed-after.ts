import { after } from 'node:test';

/** Makes things as `create` does, and closes them when the tests of the file have ended. */
export const closedAfter = <Options extends readonly unknown[], T extends { close(): unknown }>(
  create: (...options: Options) => Promise<T>,
): ((...options: Options) => Promise<T>) => {
  const made: T[] = [];
  after(async () => {
    for (const one of made) await one.close();
  });
  return async (...options) => {
    const one = await create(...options);
    made.push(one);
    return one;
  };
};
