/** Every operation of a source, read off its port. */

import { emptyAgent, emptyRecording } from '../../../domain/model/empty-rows.ts';
import type { Agent, Recording } from '../../../domain/model/entities.ts';
import type { OpenedMedia } from '../../../domain/ports/media.ts';
import type { VendorCommand, VendorSource } from '../../../domain/ports/vendor.ts';

export type OperationKind = 'read' | 'command' | 'media';

export interface VendorOperation {
  name: string;
  kind: OperationKind;
  run(signal: AbortSignal): Promise<unknown>;
}

export const agentOf = (source: string, externalId: string): Agent => emptyAgent({ source, externalId });

/** An available recording of an agent that ended an hour before `nowMs`. */
export const recordingOf = (source: string, agent: string, nowMs: number, fields: Partial<Recording>): Recording => ({
  ...emptyRecording({ source, externalId: '1' }),
  state: 'AVAILABLE',
  agent,
  party: 'MIXED',
  startedAt: new Date(nowMs - 7_200_000).toISOString(),
  endedAt: new Date(nowMs - 3_600_000).toISOString(),
  ...fields,
});

const drain = async (media: OpenedMedia): Promise<number> => {
  let bytes = 0;
  for await (const chunk of media.body) bytes += chunk.length;
  return bytes;
};

export interface SourceOperations {
  operations: readonly VendorOperation[];
  /** Signing the agent out, after which most others have no session to be sent with; null where nobody signs in. */
  signOut: VendorOperation | null;
}

export const operationsOf = (source: VendorSource, agent: string, recording: Recording | null): SourceOperations => {
  const found: VendorOperation[] = [];
  let signOut: VendorOperation | null = null;
  const add = (kind: OperationKind, name: string, run: VendorOperation['run']) => found.push({ name, kind, run });
  const command = (operation: VendorCommand['operation']): VendorCommand => ({
    operation,
    agent: agentOf(source.name, agent),
    ...(operation === 'START_SCREEN_RECORDING' || operation === 'START_RECORDING' ? {} : { metadata: [] }),
  });
  const { agents, recordings, control, blackouts, media } = source;
  if (agents) {
    add('read', 'agents.list', (signal) => agents.list(signal));
    add('read', 'agents.byIdentifiers', (signal) => agents.byIdentifiers([{ identifier: 'ID', value: agent }], signal));
  }
  if (recordings) add('read', 'recordings.list', (signal) => recordings.list({ agents: [agent] }, signal));
  for (const [operation, handler] of Object.entries(control ?? {})) {
    const run: VendorOperation['run'] = (signal) => handler(command(operation as VendorCommand['operation']), signal);
    if (operation === 'SIGN_OUT_AGENT') signOut = { name: operation, kind: 'command', run };
    else add('command', operation, run);
  }
  for (const [operation, handler] of [
    ['START_BLACKOUT', blackouts?.start],
    ['STOP_BLACKOUT', blackouts?.stop],
  ] as const) {
    if (handler) add('command', operation, (signal) => handler(command(operation), signal));
  }
  if (media && recording) add('media', 'media.open', async (signal) => drain(await media.open(recording, { signal })));
  return { operations: found, signOut };
};
