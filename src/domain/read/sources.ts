/** The sources that a read concerns, and those among them that fail. */
import type { SourceKey } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { compareKeys } from '../model/ids.ts';
import { isPersonalLogin, isPersonalText } from '../model/personal-text.ts';
import { hasScope, type Principal } from '../model/principal.ts';
import type { ReadContext } from './context.ts';
import type { SourceFailure } from './pages.ts';

export type Reach = Pick<ReadContext, 'sources' | 'noteOutOfReach'>;

/** Returns true if the caller may use the source; where not, that it was asked for is written down. */
export const isWithinReach = ({ sources, noteOutOfReach }: Reach, source: string): boolean => {
  if (sources.has(source)) return true;
  noteOutOfReach(source);
  return false;
};

/** Throws NOT_FOUND, naming the sources within reach, where this is none of them. */
export const requireSource = (context: Reach, name: string): void => {
  if (isWithinReach(context, name)) return;
  const names = [...context.sources.keys()];
  throw new ExpectedError(
    'NOT_FOUND',
    `There is no source named "${name.slice(0, 64)}"; ${names.length === 0 ? 'you cannot use any source' : `the sources are ${names.join(', ')}`}.`,
  );
};

/** Returns the sources that a filter names, checked; all within reach when it names none. */
export const chooseSources = (
  context: Reach,
  filter: { sources?: readonly string[] | null | undefined; vendors?: readonly string[] | null | undefined } | null | undefined,
): readonly string[] => {
  for (const name of filter?.sources ?? []) requireSource(context, name);
  return [...context.sources.values()]
    .filter(
      (source) =>
        (!filter?.sources || filter.sources.includes(source.name)) && (!filter?.vendors || filter.vendors.includes(source.vendor)),
    )
    .map((source) => source.name)
    .sort((a, b) => compareKeys({ source: a, externalId: '' }, { source: b, externalId: '' }));
};

interface Filter {
  sources?: readonly string[] | null | undefined;
  agent?: SourceKey | null | undefined;
  call?: SourceKey | null | undefined;
  number?: string | null | undefined;
  queue?: string | null | undefined;
  requestedBy?: string | null | undefined;
}

/** Recorders write a party without a number by name, as in `sip:reception@example.com`; a mere word is none. */
const mayBeNumber = (text: string): boolean => /\p{Nd}|@|^\s*<?sips?:./iu.test(text);

/** Throws INVALID_INPUT for what no number can be. */
const assertNumber = (number: string): void => {
  if (mayBeNumber(number)) return;
  throw new ExpectedError(
    'INVALID_INPUT',
    'filter.number has no digit; give a phone number, or a SIP address such as sip:anonymous@example.com for a party that has only a name.',
  );
};

/** Throws FORBIDDEN for a condition that tells what the caller is shown masked. */
const assertReadable = (principal: Principal, { number, queue, requestedBy }: Filter): void => {
  if (hasScope(principal, 'pii:read')) return;
  const isPersonal = {
    number: number != null,
    queue: queue != null && isPersonalText(queue),
    requestedBy: requestedBy != null && requestedBy !== principal.name && isPersonalLogin(requestedBy),
  };
  for (const [field, personal] of Object.entries(isPersonal)) {
    if (!personal) continue;
    throw new ExpectedError('FORBIDDEN', `filter.${field} needs the scope pii:read; leave it out or ask with a key that has it.`);
  }
};

/** Of a text in a filter, which the vendor may be asked for, and which is in the audit trail where the ledger is read. */
const maxLength = 1000;

/** Throws INVALID_INPUT for a text that is longer than any that is stored. */
const assertShort = ({ number, queue, requestedBy, agent, call }: Filter): void => {
  const texts = { number, queue, requestedBy, agent: agent?.externalId, call: call?.externalId };
  for (const [field, text] of Object.entries(texts)) {
    if (text == null || text.length <= maxLength) continue;
    throw new ExpectedError('INVALID_INPUT', `filter.${field} has ${text.length} characters; use at most ${maxLength}.`);
  }
};

/** Narrows a filter to sources within reach. `owner` is the agent whose own list it is. Throws NOT_FOUND, FORBIDDEN and INVALID_INPUT. */
export const narrowFilter = <F extends Filter>(
  context: Reach & Pick<ReadContext, 'principal'>,
  filter: F,
  owner: SourceKey | null = null,
): F & { sources: readonly string[] } => {
  assertShort(filter);
  assertReadable(context.principal, filter);
  if (filter.number != null) assertNumber(filter.number);
  // A caller who asks by the id of a row out of reach finds nothing, and is written down.
  for (const key of [filter.agent, filter.call]) if (key) isWithinReach(context, key.source);
  if (owner === null) return { ...filter, sources: chooseSources(context, { sources: filter.sources }) };
  const { source, externalId } = owner;
  return { ...filter, sources: [source], agent: { source, externalId } };
};

/** Waits for every source; one that fails becomes a `SourceFailure`, a bug is thrown. */
export const forEachSource = async (
  sources: readonly string[],
  work: (source: string) => Promise<void>,
): Promise<readonly SourceFailure[]> => {
  const failures: SourceFailure[] = [];
  await Promise.all(
    sources.map(async (source) => {
      try {
        await work(source);
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        failures.push({ source, error });
      }
    }),
  );
  return failures.sort((a, b) => (a.source < b.source ? -1 : 1));
};
