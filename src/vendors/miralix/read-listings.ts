/** Reads the vendor's lists of recordings on from where each was read before, and reports what is new. */
import { sameJson, type VendorContext } from '../kit/index.ts';
import type { RequestOptions } from './client.ts';
import { nextFloor } from './cursor.ts';
import type { WithFirstIds } from './first-ids.ts';
import { type Listing, listingKey, type ReadListing } from './listings.ts';
import { isRejection } from './rejections.ts';
import type { Segment } from './segments.ts';
import type { MiralixSource } from './source.ts';

const cursorsKey = 'recordingCursors';
const batchSize = 1000;
const listingsAtOnce = 250;

type Cursors = Record<string, number>;
const asCursors = (value: unknown): Cursors =>
  Object.fromEntries(Object.entries(value && typeof value === 'object' ? value : {}).filter(([, floor]) => Number.isSafeInteger(floor)));

/** The result of some lists. */
export interface ListingsReading {
  segments: readonly Segment[];
  /** How many lists were given: those of an owner the vendor does not know are not. */
  answered: number;
  /** The failures of others. */
  faults: readonly unknown[];
  /** A rejection of a list, where there was one. */
  rejection: unknown;
}

export const noReading: ListingsReading = { segments: [], answered: 0, faults: [], rejection: null };

/** Both, with each recording once. */
export const joined = (one: ListingsReading, other: ListingsReading): ListingsReading => ({
  segments: [...new Map([...one.segments, ...other.segments].map((segment) => [segment.externalId, segment])).values()],
  answered: one.answered + other.answered,
  faults: [...one.faults, ...other.faults],
  rejection: one.rejection ?? other.rejection,
});

export interface ListingsContext extends Pick<MiralixSource, 'settings' | 'context' | 'reported'> {
  read: ReadListing;
  withFirstIds: WithFirstIds;
  /** Recordings of calls that go on, as they were reported. */
  reportedEarly: Map<string, Segment>;
}

const report = async ({ reported, context }: ListingsContext, segments: readonly Segment[], asOfMs: number): Promise<void> => {
  const changed = reported.changed(segments);
  for (let start = 0; start < changed.length; start += batchSize) {
    const part = changed.slice(start, start + batchSize);
    await context.observe({ observations: reported.observations(part), asOfMs });
    reported.add(part);
  }
};

/** Reports recordings without their calls, which would be reported as ended. */
const reportEarly = async (
  { reported, reportedEarly, context }: ListingsContext,
  segments: readonly Segment[],
  asOfMs: number,
): Promise<void> => {
  const unreported = segments.filter((segment) => !sameJson(reportedEarly.get(segment.externalId), segment));
  if (unreported.length === 0) return;
  await context.observe({ observations: reported.recordings(unreported), asOfMs });
  for (const segment of unreported) reportedEarly.set(segment.externalId, segment);
};

/** True where a colleague to whom the call was handed on still has it: an earlier leg's recording must not end it. */
const isGoingOn = ({ known }: VendorContext, call: string, legs: readonly Segment[]): boolean => {
  const live = known.call(call);
  return live !== null && live.state !== 'ENDED' && live.agents.some((agent) => !legs.some((leg) => leg.agent === agent));
};

/** Reports what lists have shown; returns what it reported as over, and the lowest id of the calls that go on. */
const reportSegments = async (listings: ListingsContext, shown: readonly Segment[], asOfMs: number) => {
  const segments = await listings.withFirstIds(shown);
  const legs = Map.groupBy(segments, (segment) => segment.call);
  const waiting = new Set([...legs].flatMap(([call, ofCall]) => (isGoingOn(listings.context, call, ofCall) ? [call] : [])));
  const over = segments.filter((segment) => !waiting.has(segment.call));
  const early = segments.filter((segment) => waiting.has(segment.call));
  await report(listings, over, asOfMs);
  for (const { externalId } of over) listings.reportedEarly.delete(externalId);
  await reportEarly(listings, early, asOfMs);
  return { over, lowestWaiting: Math.min(...early.map(({ id }) => id)) };
};

const readSome = async (listings: ListingsContext, wanted: readonly Listing[], options: RequestOptions): Promise<ListingsReading> => {
  const { read, settings, context } = listings;
  const asOfMs = context.clock.now();
  const cursors = asCursors(await context.state.get(cursorsKey));
  const floorOf = (listing: Listing) => cursors[listingKey(listing)] ?? 0;
  const answers = await Promise.allSettled(wanted.map((listing) => read(listing, { ...options, after: floorOf(listing) })));
  const given = wanted.flatMap((listing, index) => {
    const answer = answers[index]!;
    return answer.status === 'fulfilled' && answer.value !== null ? [{ listing, segments: answer.value }] : [];
  });
  const shown = new Map(given.flatMap(({ segments }) => segments.map((segment) => [segment.externalId, segment] as const)));
  const { over, lowestWaiting } = await reportSegments(listings, [...shown.values()], asOfMs);
  const moved = given.flatMap(({ listing, segments }) => {
    const floor = floorOf(listing);
    // Only what is durably reported may be passed over next time.
    const passed = nextFloor({ floor, segments, window: settings.trailingWindow, nowMs: asOfMs });
    const next = Math.max(floor, Math.min(passed, lowestWaiting - 1));
    return next > floor ? [[listingKey(listing), next] as const] : [];
  });
  if (moved.length > 0) await context.state.update(cursorsKey, (stored) => ({ ...asCursors(stored), ...Object.fromEntries(moved) }));
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  const faults = reasons.filter((reason) => !isRejection(reason));
  return { segments: over, answered: given.length, faults, rejection: reasons.find(isRejection) ?? null };
};

/** Reads lists, some at once; reports what is new, then moves the cursors on. */
export const readListings = async (
  listings: ListingsContext,
  wanted: readonly Listing[],
  options: RequestOptions,
): Promise<ListingsReading> => {
  let all = noReading;
  for (let start = 0; start < wanted.length; start += listingsAtOnce)
    all = joined(all, await readSome(listings, wanted.slice(start, start + listingsAtOnce), options));
  return all;
};
