import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Client } from 'graphql-ws';
import { createStore, type ExternalStore } from '../external-store.ts';
import { AgentChangedDocument, BlackoutChangedDocument, CallChangedDocument, RecordingChangedDocument } from '../generated/graphql.ts';
import type { LiveEntity, LiveStore } from './live-store.ts';
import { type Stream, type StreamEvent, subscribe } from './live-stream.ts';

/** Why a stream is not running, by entity; empty while all run. */
export type StreamFaults = Readonly<Partial<Record<LiveEntity, string>>>;

/** Follows the four entities for as long as the page is open, and answers what keeps any of them from running. */
export const subscribeAll = (socket: Client, live: LiveStore): ExternalStore<StreamFaults> => {
  const faults = createStore<StreamFaults>({});
  const streams: Stream[] = [];
  const setFault = (entity: LiveEntity, reason: string | null): void => {
    if (reason === (faults.get()[entity] ?? null)) return;
    const { [entity]: _, ...others } = faults.get();
    faults.set(reason === null ? others : { ...others, [entity]: reason });
  };
  const add = <E extends StreamEvent, D extends Record<string, E>>(
    entity: LiveEntity,
    document: TypedDocumentNode<D, { after?: string | number | null | undefined }>,
    field: keyof D,
    onEvent: (event: E) => void,
  ): void => {
    streams.push(
      subscribe(
        socket,
        { document, field },
        {
          onReset: () => live.reset(entity),
          onEvent,
          onFault: (reason) => setFault(entity, reason),
          // A stream whose snapshot is empty reports no gap, so one that does speaks for all.
          onGap: () => {
            for (const stream of streams) stream.restart();
          },
        },
      ),
    );
  };
  add('agent', AgentChangedDocument, 'agentChanged', live.apply.agent);
  add('call', CallChangedDocument, 'callChanged', live.apply.call);
  add('recording', RecordingChangedDocument, 'recordingChanged', live.apply.recording);
  add('blackout', BlackoutChangedDocument, 'blackoutChanged', live.apply.blackout);
  return faults;
};
