import { UsageError } from './options.ts';

/** From which time on the environment has an operation compiled, 0 for never; undefined where it says nothing. Throws `UsageError`. */
export const compiledBy = ({ TAPEGRAPH_COMPILED: told = '' }: Readonly<Record<string, string | undefined>>): number | undefined => {
  if (told === '') return undefined;
  if (/^\d+$/.test(told)) return Number(told);
  throw new UsageError('TAPEGRAPH_COMPILED must be a whole number: from which time on an operation is compiled, 0 for never.');
};
