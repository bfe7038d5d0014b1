/** Recordings of an agent's screen, whose events name no recording: an agent has one at a time. Pure. */
import { instant, type Observation, type Recording, reported } from '../kit/index.ts';
import type { MediaContext, MediaReading } from './tasks.ts';
import { type GatewayEvent, screenContent } from './wire.ts';

export const isScreen = ({ kind }: Recording): boolean => kind === 'SCREEN';

/** Returns the observations of a screen recording in an event; null for any other event. */
export const readScreenEvent = (event: GatewayEvent, { agent, atMs, tasks, live, activeCall }: MediaContext): MediaReading | null => {
  const parts = /^AgentMediaEvent_(Start|Stop)RecordScreen_(Succ|Fail)$/.exec(event.eventType);
  if (parts === null) return null;
  const [, action, outcome] = parts;
  const content = screenContent.parse(event.content);
  const current = live.find(isScreen)?.externalId ?? null;
  const recording =
    current ??
    content.fileName ??
    content.taskId ??
    content.recordID ??
    (action === 'Start' && outcome === 'Succ' ? screenId(agent, atMs) : null);
  const failed: Observation[] =
    outcome === 'Succ'
      ? []
      : [
          {
            type: 'commandFailed',
            agent,
            operations: [action === 'Start' ? 'START_SCREEN_RECORDING' : 'STOP_SCREEN_RECORDING'],
            recording,
            message: `The gateway reported that the ${action === 'Start' ? 'start' : 'stop'} of the screen recording of agent ${agent} failed.`,
            vendorCode: event.eventType,
          },
        ];
  if (recording === null || (action === 'Stop' && outcome === 'Fail')) return { tasks, observations: failed };
  const state = outcome === 'Fail' ? 'FAILED' : action === 'Start' ? 'RECORDING' : 'STOPPED';
  const call = content.callId ?? activeCall;
  const desktop = state === 'RECORDING' ? (call === null ? [recording] : null) : [];
  return {
    tasks,
    observations: [
      {
        type: 'recording',
        recording: {
          externalId: recording,
          kind: 'SCREEN',
          state,
          vendorState: event.eventType,
          agent,
          ...(state === 'RECORDING' ? { startedAt: instant(atMs), ...reported({ call }) } : { endedAt: instant(atMs) }),
          ...reported({ fileName: content.fileName || null }),
        },
      },
      ...(desktop === null ? [] : [{ type: 'agent' as const, agent: { externalId: agent, desktopRecordings: desktop } }]),
      ...failed,
    ],
  };
};

/** The id of a screen recording, which the gateway names nowhere. */
export const screenId = (agent: string, atMs: number): string => `screen:${agent}:${atMs}`;
