import { epochMsOrNull, type Recording, type VendorContext } from '../kit/index.ts';
import type { Segment } from './mapping.ts';

const maxEntries = 50_000;

/** By the vendor's own word, which no correction of its clock moves; rows of earlier versions have the time alone. */
const beganAt = ({ vendorData, startedAt }: Recording, wanted: string): boolean => {
  const reportedStart = typeof vendorData?.startedUtc === 'string' ? vendorData.startedUtc : startedAt;
  return reportedStart !== null && epochMsOrNull(reportedStart) === epochMsOrNull(wanted);
};

/**
 * Gives a recording the id under which it was first seen: a list may name its file only later, or by another name. The same call, agent and
 * start are the same recording.
 */
export const createFirstIds = (known: VendorContext['known']) => {
  /** By the id that the list's own fields make. */
  const firstIds = new Map<string, string>();

  const firstIdOf = async (segment: Segment): Promise<string> => {
    const { startedAt } = segment;
    if (segment.direct || startedAt === null) return segment.externalId;
    const others = await known.recordingsOfCall(segment.call);
    if (others.some(({ externalId }) => externalId === segment.externalId)) return segment.externalId;
    const first = others.find((one) => one.agent === segment.agent && beganAt(one, startedAt));
    return first?.externalId ?? segment.externalId;
  };

  /** Of those that turn out to be one recording, the first. */
  return async (segments: readonly Segment[]): Promise<readonly Segment[]> => {
    if (firstIds.size > maxEntries) firstIds.clear();
    const found = new Map<string, Segment>();
    const byStart = new Map<string, string>();
    for (const segment of segments) {
      const start = `${segment.call} ${segment.agent} ${segment.direct || segment.startedAt === null ? segment.externalId : epochMsOrNull(segment.startedAt)}`;
      const id = firstIds.get(segment.externalId) ?? byStart.get(start) ?? (await firstIdOf(segment));
      firstIds.set(segment.externalId, id);
      byStart.set(start, id);
      if (!found.has(id)) found.set(id, id === segment.externalId ? segment : { ...segment, externalId: id });
    }
    return [...found.values()];
  };
};
