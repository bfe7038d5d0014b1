import type { Recording, SourceKey } from '../model/entities.ts';
import { liveRecordingStates } from '../model/enums.ts';
import { mapKey } from '../model/ids.ts';

/** The recordings that are not over. */
interface LiveRecordings {
  /** Finds a recording by its former id too. */
  get(key: SourceKey): Recording | null;
  of(source: string): readonly Recording[];
  ofAgent(agent: SourceKey): readonly Recording[];
  /** Takes the place of the recording under its id and its former one; one that is over leaves. */
  put(recording: Recording): void;
}

const isLive = (recording: Recording): boolean => liveRecordingStates.includes(recording.state);

const agentOf = ({ source, agent }: Recording): string | null => (agent === null ? null : mapKey({ source, externalId: agent }));

const formerKeyOf = ({ source, formerId }: Recording): string | null =>
  formerId === null ? null : mapKey({ source, externalId: formerId });

export const createLiveRecordings = (): LiveRecordings => {
  const recordings = new Map<string, Recording>();
  /** Keys by former key. */
  const formerKeys = new Map<string, string>();
  /** Keys by agent. */
  const byAgent = new Map<string, Set<string>>();

  const link = (recording: Recording, key: string): void => {
    const agent = agentOf(recording);
    if (agent === null) return;
    const keys = byAgent.get(agent);
    if (keys) keys.add(key);
    else byAgent.set(agent, new Set([key]));
  };
  const unlink = (recording: Recording, key: string): void => {
    const agent = agentOf(recording);
    if (agent === null) return;
    const keys = byAgent.get(agent);
    keys?.delete(key);
    if (keys?.size === 0) byAgent.delete(agent);
  };
  const drop = (key: string): void => {
    const before = recordings.get(key);
    if (!before) return;
    recordings.delete(key);
    const former = formerKeyOf(before);
    if (former !== null) formerKeys.delete(former);
    unlink(before, key);
  };

  return {
    get: (key) => recordings.get(mapKey(key)) ?? recordings.get(formerKeys.get(mapKey(key)) ?? '') ?? null,
    of: (source) => [...recordings.values()].filter((recording) => recording.source === source),
    ofAgent: (agent) => [...(byAgent.get(mapKey(agent)) ?? [])].flatMap((key) => recordings.get(key) ?? []),
    put: (recording) => {
      const key = mapKey(recording);
      const former = formerKeyOf(recording);
      drop(key);
      if (former !== null) drop(former);
      if (!isLive(recording)) return;
      recordings.set(key, recording);
      if (former !== null) formerKeys.set(former, key);
      link(recording, key);
    },
  };
};
