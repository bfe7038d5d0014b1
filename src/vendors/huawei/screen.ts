/** Recordings of an agent's screen, whose events name no recording: an agent has one at a time. Pure. */
import { instant, type Observation, type Recording, reported } from '../kit/index.ts';
import type { MediaContext, MediaReading } from './tasks.ts';
import { type GatewayEvent, screenContent } from './wire.ts';

export const isScreen = ({ kind }: Recording): boolean => kind === 'SCREEN';

interface ScreenEvent {
  action: 'Start' | 'Stop';
  outcome: 'Succ' | 'Fail';
  vendorState: string;
}

const screenEventOf = ({ eventType }: GatewayEvent): ScreenEvent | null => {
  const parts = /^AgentMediaEvent_(Start|Stop)RecordScreen_(Succ|Fail)$/.exec(eventType);
  if (parts === null) return null;
  const [, action, outcome] = parts as unknown as [string, ScreenEvent['action'], ScreenEvent['outcome']];
  return { action, outcome, vendorState: eventType };
};

const commandFailed = ({ action, vendorState }: ScreenEvent, agent: string, recording: string | null): Observation => ({
  type: 'commandFailed',
  agent,
  operations: [action === 'Start' ? 'START_SCREEN_RECORDING' : 'STOP_SCREEN_RECORDING'],
  recording,
  message: `The gateway reported that the ${action === 'Start' ? 'start' : 'stop'} of the screen recording of agent ${agent} failed.`,
  vendorCode: vendorState,
});

/** Returns the observations of a screen recording in an event; null for any other event. */
export const readScreenEvent = (event: GatewayEvent, { agent, atMs, tasks, live, activeCall }: MediaContext): MediaReading | null => {
  const screenEvent = screenEventOf(event);
  if (screenEvent === null) return null;
  const { action, outcome, vendorState } = screenEvent;
  const content = screenContent.parse(event.content);
  const current = live.find(isScreen)?.externalId ?? null;
  const begun = action === 'Start' && outcome === 'Succ' ? screenId(agent, atMs) : null;
  const externalId = current ?? content.fileName ?? content.taskId ?? content.recordID ?? begun;
  const failed = outcome === 'Succ' ? [] : [commandFailed(screenEvent, agent, externalId)];
  if (externalId === null || (action === 'Stop' && outcome === 'Fail')) return { tasks, observations: failed };
  const state = outcome === 'Fail' ? 'FAILED' : action === 'Start' ? 'RECORDING' : 'STOPPED';
  const call = content.callId ?? activeCall;
  const recording = {
    externalId,
    kind: 'SCREEN' as const,
    state,
    vendorState,
    agent,
    ...(state === 'RECORDING' ? { startedAt: instant(atMs), ...reported({ call }) } : { endedAt: instant(atMs) }),
    ...reported({ fileName: content.fileName || null }),
  } as const;
  const desktop = state === 'RECORDING' ? (call === null ? [externalId] : null) : [];
  const ofAgent: Observation[] = desktop === null ? [] : [{ type: 'agent', agent: { externalId: agent, desktopRecordings: desktop } }];
  return { tasks, observations: [{ type: 'recording', recording }, ...ofAgent, ...failed] };
};

/** The id of a screen recording, which the gateway names nowhere. */
export const screenId = (agent: string, atMs: number): string => `screen:${agent}:${atMs}`;
