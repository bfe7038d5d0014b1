import type { Client, CombinedError } from 'urql';
import { readAccessKey } from '../access-key.ts';
import { createStore, type ExternalStore } from '../external-store.ts';
import { type RecorderOperation, SourcesDocument } from '../generated/graphql.ts';
import type { Source } from './live-types.ts';

/** The caller's permissions; null while that is not known. */
export interface Access {
  scopes: readonly string[];
}

/** The reason why this page has no data: no key was entered, the key is not valid, the key lacks a scope, or no answer came. */
export type SourcesFault = 'noKey' | 'wrongKey' | 'noScope' | 'unreachable';

/** `sources` stays what was last reported while the server does not answer; null before the first answer. */
export interface SourcesState {
  sources: readonly Source[] | null;
  access: Access | null;
  fault: SourcesFault | null;
  message: string | null;
}

/** Returns true if nothing is shown because of the key. */
export const isRefused = (fault: SourcesFault | null): boolean => fault !== null && fault !== 'unreachable';

const everyMs = 5_000;

export const faultOf = (error: CombinedError | undefined): SourcesFault => {
  const status = (error?.response as Response | undefined)?.status;
  const codes = error?.graphQLErrors.map(({ extensions }) => String(extensions.code)) ?? [];
  if (status === 401 || codes.includes('UNAUTHENTICATED')) return readAccessKey() === null ? 'noKey' : 'wrongKey';
  return status === 403 || codes.includes('FORBIDDEN') ? 'noScope' : 'unreachable';
};

/** The recorder's last contact matters only where it is not up; leaving it out keeps hundreds of tiles from being rendered again. */
const facts = (source: Source): string =>
  JSON.stringify(
    source.health.status === 'UP' ? { ...source, health: { ...source.health, lastContactAt: !source.health.lastContactAt } } : source,
  );

const keepingSame = (earlier: readonly Source[] | null, next: readonly Source[]): readonly Source[] => {
  const kept = next.map((source) => {
    const known = earlier?.find(({ id }) => id === source.id);
    return known !== undefined && facts(known) === facts(source) ? known : source;
  });
  return earlier?.length === kept.length && kept.every((source, index) => source === earlier[index]) ? earlier : kept;
};

const sameAccess = (earlier: Access | null, next: Access | null): Access | null =>
  next !== null && earlier?.scopes.join() === next.scopes.join() ? earlier : next;

/** Queries the sources and their health again and again while the page is in view. */
export const watchSources = (client: Client): { state: ExternalStore<SourcesState>; stop(): void } => {
  const state = createStore<SourcesState>({ sources: null, access: null, fault: null, message: null });
  const set = (next: SourcesState): void => {
    const last = state.get();
    const same = (Object.keys(next) as (keyof SourcesState)[]).every((name) => Object.is(next[name], last[name]));
    if (!same) state.set(next);
  };
  const load = async (): Promise<void> => {
    const last = state.get();
    if (document.hidden && last.sources !== null) return;
    const { data, error } = await client.query(SourcesDocument, {}).toPromise();
    if (data?.callerAccess && !data.callerAccess.scopes.includes('agents:read')) {
      const message = `The access key ${data.callerAccess.name} does not have the scope agents:read.`;
      return set({ sources: null, access: sameAccess(last.access, data.callerAccess), fault: 'noScope', message });
    }
    if (data?.sources)
      return set({
        sources: keepingSame(last.sources, data.sources),
        access: sameAccess(last.access, data.callerAccess),
        fault: null,
        message: null,
      });
    set({ ...last, fault: faultOf(error), message: error?.graphQLErrors[0]?.message ?? null });
  };
  void load();
  const timer = setInterval(() => void load(), everyMs);
  return { state, stop: () => clearInterval(timer) };
};

/** Returns true if a source can do an operation, by the vendor's own command or by a composition of others. */
export const can = (source: Source | undefined, operation: RecorderOperation): boolean =>
  source?.capabilities.some((capability) => capability.operation === operation && capability.support !== 'UNSUPPORTED') ?? false;

/** Returns true if the caller holds a scope. While that is not known, the server decides. */
export const allows = (access: Access | null, scope: string): boolean => access === null || access.scopes.includes(scope);
