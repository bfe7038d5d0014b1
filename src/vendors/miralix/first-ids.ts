import { epochMsOrNull, type Recording, type VendorContext } from '../kit/index.ts';
import type { Segment } from './segments.ts';

const maxEntries = 50_000;

/** By the vendor's own word, which no correction of its clock moves; rows of earlier versions have the time alone. */
const beganAt = ({ vendorData, startedAt }: Recording, wanted: string): boolean => {
  const reportedStart = typeof vendorData?.startedUtc === 'string' ? vendorData.startedUtc : startedAt;
  return reportedStart !== null && epochMsOrNull(reportedStart) === epochMsOrNull(wanted);
};

/** Equal for one recording, whatever file name it bears. */
const startKey = ({ call, agent, direct, startedAt, externalId }: Segment): string =>
  `${call} ${agent} ${direct || startedAt === null ? externalId : epochMsOrNull(startedAt)}`;

const firstIdOf = ({ externalId, agent, startedAt }: Segment, ofCall: readonly Recording[]): string => {
  if (startedAt === null || ofCall.some((one) => one.externalId === externalId)) return externalId;
  return ofCall.find((one) => one.agent === agent && beganAt(one, startedAt))?.externalId ?? externalId;
};

/** Of those that turn out to be one recording, the first. */
export type WithFirstIds = (segments: readonly Segment[]) => Promise<readonly Segment[]>;

/**
 * Gives a recording the id under which it was first seen: a list may name its file only later, or by another name. The same call, agent and
 * start are the same recording.
 */
export const createFirstIds = (known: Pick<VendorContext['known'], 'recordingsOfCalls'>): WithFirstIds => {
  /** By the id that the list's own fields make. */
  const firstIds = new Map<string, string>();

  return async (segments) => {
    if (firstIds.size > maxEntries) firstIds.clear();
    const unknown = segments.filter(({ direct, externalId }) => !direct && !firstIds.has(externalId));
    const calls = [...new Set(unknown.map(({ call }) => call))];
    const stored = calls.length === 0 ? [] : await known.recordingsOfCalls(calls);
    const storedOf = new Map(calls.map((call, index) => [call, stored[index]!]));
    const found = new Map<string, Segment>();
    const byStart = new Map<string, string>();
    for (const segment of segments) {
      const start = startKey(segment);
      const id = firstIds.get(segment.externalId) ?? byStart.get(start) ?? firstIdOf(segment, storedOf.get(segment.call) ?? []);
      firstIds.set(segment.externalId, id);
      byStart.set(start, id);
      if (!found.has(id)) found.set(id, id === segment.externalId ? segment : { ...segment, externalId: id });
    }
    return [...found.values()];
  };
};
