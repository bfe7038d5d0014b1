import type { Client } from 'urql';
import { createStore, type ExternalStore } from '../external-store.ts';
import { type RecorderOperation, SourcesDocument } from '../generated/graphql.ts';
import type { Source } from './live-types.ts';

/** `sources` stays what was last told while the server does not answer; null before the first answer. */
export interface SourcesState {
  sources: readonly Source[] | null;
  fault: 'unauthorized' | 'unreachable' | null;
  message: string | null;
}

const everyMs = 5_000;
const unauthorized = /UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN/;

/** Asks for the sources and their health again and again while the page is in view. */
export const watchSources = (client: Client): { state: ExternalStore<SourcesState>; stop(): void } => {
  const state = createStore<SourcesState>({ sources: null, fault: null, message: null });
  const look = async (): Promise<void> => {
    if (document.hidden && state.get().sources !== null) return;
    const { data, error } = await client.query(SourcesDocument, {}).toPromise();
    if (data?.sources) return state.set({ sources: data.sources, fault: null, message: null });
    const status = (error?.response as Response | undefined)?.status;
    const refused = status === 401 || status === 403 || error?.graphQLErrors.some((one) => unauthorized.test(String(one.extensions.code)));
    const message = error?.graphQLErrors[0]?.message ?? null;
    state.set({ ...state.get(), fault: refused ? 'unauthorized' : 'unreachable', message });
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return { state, stop: () => clearInterval(timer) };
};

/** Whether a source can do an operation, by the vendor's own command or by a composition of others. */
export const can = (source: Source | undefined, operation: RecorderOperation): boolean =>
  source?.capabilities.some((capability) => capability.operation === operation && capability.support !== 'UNSUPPORTED') ?? false;
