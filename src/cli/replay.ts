/** Applies dead letters again, beside a server or without one: nothing is observed, and no vendor is asked. */

import { createSource } from '../config/create-source.ts';
import type { Configuration, SourceSettings } from '../config/load.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import { knownToVendor } from '../domain/observe/known-to-vendor.ts';
import { createLiveState, type LiveState } from '../domain/observe/live-state.ts';
import { createObserve, type Observe } from '../domain/observe/observe.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Store, StoredLetter } from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { VendorContext } from '../domain/ports/vendor-context.ts';
import { systemClock } from '../lib/clock.ts';
import { withStore } from './with-store.ts';

interface ReplayContext {
  store: Store;
  liveState: LiveState;
  observe: Observe['observe'];
  log: Log;
}

const vendorContext = ({ store, liveState, observe, log }: ReplayContext, source: string): VendorContext => ({
  clock: systemClock,
  log,
  observe: (batch) => observe(source, batch),
  state: store.vendorState(source),
  // A letter that still cannot be read stays.
  deadLetter: async () => undefined,
  known: knownToVendor(source, { store, liveState }),
  measure: () => undefined,
});

/** Throws INVALID_INPUT where the letter still cannot be read, NOT_FOUND where nothing knows how to. */
const replay = async (context: ReplayContext, sources: readonly SourceSettings[], letter: StoredLetter): Promise<void> => {
  const found = sources.find(({ settings }) => settings.name === letter.source);
  if (found === undefined) throw new ExpectedError('NOT_FOUND', `${letter.source}: the configuration has no such source.`);
  const source: VendorSource = createSource(found, vendorContext(context, letter.source));
  try {
    if (source.replay === undefined) throw new ExpectedError('UNSUPPORTED', `${letter.source}: its vendor has no dead letters to replay.`);
    await source.replay(letterIn(letter));
  } finally {
    await source.close();
  }
};

interface Replayed {
  id: string;
  /** Says why the letter stays; null where it was applied, and is gone. */
  fault: string | null;
}

/** Replays one letter, or all with `id` null, oldest first. Throws NOT_FOUND where there is no letter of the id. */
export const replayDeadLetters = async (
  { sources, store: { url } }: Pick<Configuration, 'sources' | 'store'>,
  id: string | null,
  log: Log,
): Promise<readonly Replayed[]> =>
  withStore(url, async (store) => {
    const liveState = createLiveState();
    await liveState.load(
      store,
      sources.map(({ settings }) => settings.name),
    );
    const { observe } = createObserve({
      store,
      clock: systemClock,
      liveState,
      // Servers read the log.
      emit: () => undefined,
      applied: async () => undefined,
      takesCommands: () => false,
      awaited: () => [],
      noteJudged: () => undefined,
      onObserved: async () => undefined,
    });
    const letters = id === null ? await store.deadLetters.list(Number.MAX_SAFE_INTEGER) : [await store.deadLetters.byId(id)];
    const results: Replayed[] = [];
    for (const letter of letters) {
      if (letter === null)
        throw new ExpectedError('NOT_FOUND', 'There is no dead letter of this id; tapegraph dead-letters list shows them.');
      try {
        await replay({ store, liveState, observe, log }, sources, letter);
        await store.deadLetters.remove(letter.id);
        results.push({ id: letter.id, fault: null });
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        results.push({ id: letter.id, fault: error.message });
      }
    }
    return results;
  });
