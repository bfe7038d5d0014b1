import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Client } from 'graphql-ws';
import { stringifyDocument } from 'urql';

export interface StreamEvent {
  /** Given back as `after`, resumes the stream behind this event. */
  position: string;
  snapshot: boolean;
  gap: boolean;
}

interface StreamHooks<E> {
  /** Forgets everything before a new snapshot. */
  onReset(): void;
  onEvent(event: E): void;
  /** Why nothing comes; null once something does. */
  onFault(reason: string | null): void;
  /** The server no longer knows what came after the last event. */
  onGap(): void;
}

export interface Stream {
  /** Begins anew with a snapshot. */
  restart(): void;
}

const retryMs = 5_000;
const snapshotSettlesMs = 1_000;

const reasonOf = (error: unknown): string | null =>
  Array.isArray(error) ? error.map((one: { message?: string }) => one.message ?? 'unknown').join(' ') : null;

/** Keeps the position behind which the stream resumes. */
const createPosition = (variables: { after?: string }) => {
  let settling: ReturnType<typeof setTimeout> | undefined;
  return {
    moveTo: ({ position, snapshot }: StreamEvent): void => {
      clearTimeout(settling);
      const move = () => {
        variables.after = position;
      };
      // Every event of a snapshot has the same position: resuming behind it is right only once the whole snapshot is here.
      if (snapshot) settling = setTimeout(move, snapshotSettlesMs);
      else move();
    },
    stop: () => clearTimeout(settling),
  };
};

/** Follows one subscription for good. After a broken connection it resumes behind the last event, or opens with a snapshot again. */
export const subscribe = <E extends StreamEvent, D extends Record<string, E>>(
  socket: Client,
  { document, field }: { document: TypedDocumentNode<D, { after?: string | number | null | undefined }>; field: keyof D },
  { onReset, onEvent, onFault, onGap }: StreamHooks<E>,
): Stream => {
  let stop = (): void => {};
  let isConnected = false;
  let variables: { after?: string } = {};
  let position = createPosition(variables);
  socket.on('connected', () => {
    isConnected = true;
    if (variables.after === undefined) onReset();
  });
  socket.on('closed', () => {
    isConnected = false;
    position.stop();
  });

  const start = (): void => {
    // graphql-ws sends these variables again when it reconnects: raising `after` in place is what makes it resume.
    variables = {};
    position = createPosition(variables);
    const again = (): void => {
      stop();
      const retry = setTimeout(start, retryMs);
      stop = () => clearTimeout(retry);
    };
    const next = (event: E): void => {
      onFault(null);
      if (event.gap && variables.after !== undefined) {
        onGap();
        return;
      }
      position.moveTo(event);
      onEvent(event);
    };
    // Without a connection what is there stays as last known, until one brings the snapshot.
    if (isConnected) onReset();
    const unsubscribe = socket.subscribe<D>(
      { query: stringifyDocument(document), variables },
      {
        next: ({ data, errors }) => {
          const event = data?.[field];
          if (event) next(event);
          else onFault(reasonOf(errors));
        },
        error: (error) => {
          onFault(reasonOf(error));
          again();
        },
        complete: again,
      },
    );
    stop = () => {
      stop = () => {};
      position.stop();
      unsubscribe();
    };
  };

  start();
  return {
    restart: () => {
      stop();
      start();
    },
  };
};
