/** Agent sessions of the gateway: GUIDs that rotate, one queue of events each, held polls, and the kick for silence. */
import type { Clock } from '../../domain/ports/clock.ts';
import { emitEvent, pollEvent } from './event-queue.ts';
import { isGoodGuid, isGuidDue, newGuid } from './guids.ts';
import {
  type GatewayEvent,
  type GatewaySession,
  lose,
  type PushDelivery,
  type SessionOptions,
  type SessionsState,
} from './session-state.ts';
import type { HuaweiSwitches } from './switches.ts';

export interface GatewaySessions {
  open(workNo: string, options: SessionOptions): string;
  close(workNo: string): void;
  closeAll(): void;
  has(workNo: string): boolean;
  phone(workNo: string): string | null;
  autoAnswers(workNo: string): boolean;
  signedIn(): readonly string[];
  /** Returns true if the GUID is good; a good one counts as a sign of life. */
  admits(workNo: string, guid: string | undefined): boolean;
  /** The new GUID when one is due, else null. */
  rotate(workNo: string, always?: boolean): string | null;
  isPushed(workNo: string): boolean;
  /** Answers once; null when nothing happened in the hold time. `cancel` forgets the poll. */
  poll(workNo: string, answer: (event: GatewayEvent | null) => void): () => void;
  clearQueue(workNo: string): void;
  /** Events that may have reached nobody: nobody was signed in, or they were left in a queue or answered into a connection that broke. */
  readonly lost: readonly GatewayEvent[];
  lose(event: GatewayEvent): void;
  emit(workNo: string, eventType: string, content: unknown): void;
  held(): number;
  overlappingPolls(): number;
}

const close = (state: SessionsState, workNo: string): void => {
  const session = state.sessions.get(workNo);
  if (!session) return;
  state.sessions.delete(workNo);
  for (const event of session.queue) lose(state, event);
  session.cancelKick();
  session.held?.(null);
};

const armKick = (state: SessionsState, session: GatewaySession): void => {
  const { clock, switches } = state;
  const leftMs = session.lastRequestAtMs + switches.idleKickMs - clock.now();
  session.cancelKick = clock.after(leftMs, () => {
    if (clock.now() - session.lastRequestAtMs >= switches.idleKickMs) close(state, session.workNo);
    else armKick(state, session);
  });
};

const open = (state: SessionsState, workNo: string, options: SessionOptions): string => {
  close(state, workNo);
  const now = state.clock.now();
  const issued = newGuid(now);
  const session: GatewaySession = {
    ...options,
    workNo,
    guids: [issued],
    lastRequestAtMs: now,
    queue: [],
    held: null,
    cancelKick: () => undefined,
  };
  state.sessions.set(workNo, session);
  armKick(state, session);
  return issued.guid;
};

const admits = ({ clock, switches, sessions }: SessionsState, workNo: string, guid: string | undefined): boolean => {
  const session = sessions.get(workNo);
  if (!session || !isGoodGuid(session.guids, guid, { switches, nowMs: clock.now() })) return false;
  session.lastRequestAtMs = clock.now();
  return true;
};

const rotate = ({ clock, switches, sessions }: SessionsState, workNo: string, always: boolean): string | null => {
  const session = sessions.get(workNo);
  if (!session || switches.authMode === 'static') return null;
  const nowMs = clock.now();
  if (!always && !isGuidDue(session.guids, { switches, nowMs })) return null;
  const next = newGuid(nowMs);
  session.guids = [next, ...session.guids].slice(0, 3);
  return next.guid;
};

export const createGatewaySessions = (
  clock: Clock,
  switches: HuaweiSwitches,
  deliver: (delivery: PushDelivery) => void,
): GatewaySessions => {
  const sessions = new Map<string, GatewaySession>();
  const state: SessionsState = { clock, switches, deliver, sessions, lost: [], overlappingPolls: 0 };
  return {
    open: (workNo, options) => open(state, workNo, options),
    close: (workNo) => close(state, workNo),
    closeAll: () => {
      for (const workNo of [...sessions.keys()]) close(state, workNo);
    },
    has: (workNo) => sessions.has(workNo),
    phone: (workNo) => sessions.get(workNo)?.phone ?? null,
    autoAnswers: (workNo) => sessions.get(workNo)?.autoAnswer ?? true,
    signedIn: () => [...sessions.keys()],
    admits: (workNo, guid) => admits(state, workNo, guid),
    rotate: (workNo, always = false) => rotate(state, workNo, always),
    isPushed: (workNo) => (sessions.get(workNo)?.push ?? null) !== null,
    poll: (workNo, answer) => pollEvent(state, workNo, answer),
    clearQueue: (workNo) => {
      const session = sessions.get(workNo);
      if (session) session.queue = [];
    },
    emit: (workNo, eventType, content) => emitEvent(state, workNo, { eventType, content }),
    lost: state.lost,
    lose: (event) => lose(state, event),
    held: () => [...sessions.values()].filter((session) => session.held !== null).length,
    overlappingPolls: () => state.overlappingPolls,
  };
};
