import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Client } from 'graphql-ws';
import { stringifyDocument } from 'urql';
import { createStore, type ExternalStore } from '../external-store.ts';
import { AgentChangedDocument, BlackoutChangedDocument, CallChangedDocument, RecordingChangedDocument } from '../generated/graphql.ts';
import type { LiveNoun, LiveStore } from './live-store.ts';

interface StreamEvent {
  id: string;
  snapshot: boolean;
  gap: boolean;
}

/** Why a stream is not running, by noun; empty while all run. */
export type StreamFaults = Readonly<Partial<Record<LiveNoun, string>>>;

const retryMs = 5_000;

const reasonOf = (error: unknown): string | null =>
  Array.isArray(error) ? error.map((one: { message?: string }) => one.message ?? 'unknown').join(' ') : null;

/** Follows the four nouns until the returned function is called. After a broken connection each resumes behind its last event. */
export const followAll = (socket: Client, live: LiveStore): { faults: ExternalStore<StreamFaults>; stop(): void } => {
  const faults = createStore<StreamFaults>({});
  const stops: (() => void)[] = [];

  const follow = <E extends StreamEvent, D extends Record<string, E>>(
    noun: LiveNoun,
    document: TypedDocumentNode<D, { after?: string | number | null | undefined }>,
    field: keyof D,
    apply: (event: E) => void,
  ): void => {
    let unsubscribe = (): void => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fault = (reason: string | null): void => {
      const { [noun]: _, ...others } = faults.get();
      faults.set(reason === null ? others : { ...others, [noun]: reason });
    };
    const start = (): void => {
      live.reset(noun);
      // graphql-ws sends these variables again when it reconnects: raising `after` in place is what makes it resume.
      const variables: { after?: string } = {};
      let running = true;
      const again = (waitMs: number): void => {
        if (!running) return;
        running = false;
        timer = setTimeout(start, waitMs);
      };
      unsubscribe = socket.subscribe<D>(
        { query: stringifyDocument(document), variables },
        {
          next: ({ data, errors }) => {
            const event = data?.[field];
            if (!event) return fault(reasonOf(errors));
            if (faults.get()[noun] !== undefined) fault(null);
            if (event.gap && variables.after !== undefined) {
              live.reset(noun);
              if (!event.snapshot) {
                unsubscribe();
                return again(0);
              }
            }
            variables.after = event.id;
            apply(event);
          },
          error: (error) => {
            fault(reasonOf(error));
            again(retryMs);
          },
          complete: () => again(retryMs),
        },
      );
    };
    start();
    stops.push(() => {
      clearTimeout(timer);
      unsubscribe();
    });
  };

  follow('agent', AgentChangedDocument, 'agentChanged', live.apply.agent);
  follow('call', CallChangedDocument, 'callChanged', live.apply.call);
  follow('recording', RecordingChangedDocument, 'recordingChanged', live.apply.recording);
  follow('blackout', BlackoutChangedDocument, 'blackoutChanged', live.apply.blackout);
  return { faults, stop: () => stops.forEach((stop) => void stop()) };
};
