/** Agent sessions of the gateway: GUIDs that rotate, one queue of events each, held polls, and the kick for silence. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HuaweiSwitches } from './switches.ts';

export interface GatewayEvent {
  eventType: string;
  workNo: string;
  content: unknown;
  eventGenTime?: number;
  jsonKey?: readonly string[];
}

export interface Push {
  uri: string;
  token: string;
}

interface GatewaySession {
  workNo: string;
  phone: string;
  autoAnswer: boolean;
  guids: { guid: string; issuedAtMs: number }[];
  lastRequestAtMs: number;
  queue: GatewayEvent[];
  held: ((event: GatewayEvent | null) => void) | null;
  push: Push | null;
  cancelKick: () => void;
}

export interface GatewaySessions {
  open(workNo: string, options: { phone: string; autoAnswer: boolean; push: Push | null }): string;
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

const maxLost = 10_000;

export const createGatewaySessions = (
  clock: Clock,
  switches: HuaweiSwitches,
  deliver: (push: Push, guid: string, workNo: string, events: readonly GatewayEvent[]) => void,
): GatewaySessions => {
  const sessions = new Map<string, GatewaySession>();
  const lost: GatewayEvent[] = [];
  const lose = (event: GatewayEvent) => {
    if (lost.push(event) > maxLost) lost.shift();
  };
  let overlapping = 0;

  const newGuid = () => `${randomUUID()}.AgentGateway0`;

  const close = (workNo: string) => {
    const session = sessions.get(workNo);
    if (!session) return;
    sessions.delete(workNo);
    session.queue.forEach(lose);
    session.cancelKick();
    session.held?.(null);
  };

  const armKick = (session: GatewaySession) => {
    const leftMs = session.lastRequestAtMs + switches.idleKickMs - clock.now();
    session.cancelKick = clock.after(leftMs, () => {
      if (clock.now() - session.lastRequestAtMs >= switches.idleKickMs) close(session.workNo);
      else armKick(session);
    });
  };

  return {
    open: (workNo, { phone, autoAnswer, push }) => {
      close(workNo);
      const now = clock.now();
      const guid = newGuid();
      const session: GatewaySession = {
        workNo,
        phone,
        autoAnswer,
        guids: [{ guid, issuedAtMs: now }],
        lastRequestAtMs: now,
        queue: [],
        held: null,
        push,
        cancelKick: () => undefined,
      };
      sessions.set(workNo, session);
      armKick(session);
      return guid;
    },
    close,
    closeAll: () => {
      for (const workNo of [...sessions.keys()]) close(workNo);
    },
    has: (workNo) => sessions.has(workNo),
    phone: (workNo) => sessions.get(workNo)?.phone ?? null,
    autoAnswers: (workNo) => sessions.get(workNo)?.autoAnswer ?? true,
    signedIn: () => [...sessions.keys()],
    admits: (workNo, guid) => {
      const session = sessions.get(workNo);
      if (!session) return false;
      const good = session.guids.find((one) => one.guid === guid);
      const isCurrent = good === session.guids[0];
      if (!good || (switches.strictGuids && !isCurrent)) return false;
      if (switches.authMode === 'dynamic' && clock.now() - good.issuedAtMs >= switches.guidTimeoutMs) return false;
      session.lastRequestAtMs = clock.now();
      return true;
    },
    rotate: (workNo, always = false) => {
      const session = sessions.get(workNo);
      if (!session || switches.authMode === 'static') return null;
      const due = clock.now() - session.guids[0]!.issuedAtMs >= switches.guidIntervalMs;
      if (!due && !always) return null;
      const guid = newGuid();
      session.guids = [{ guid, issuedAtMs: clock.now() }, ...session.guids].slice(0, 3);
      return guid;
    },
    isPushed: (workNo) => (sessions.get(workNo)?.push ?? null) !== null,
    poll: (workNo, answer) => {
      const session = sessions.get(workNo)!;
      const waiting = session.queue.shift();
      if (waiting || switches.pollHoldMs === 0) {
        answer(waiting ?? null);
        return () => undefined;
      }
      if (session.held) {
        overlapping += 1;
        session.held(null);
      }
      const answerPoll = (event: GatewayEvent | null) => {
        forget();
        answer(event);
      };
      const cancel = clock.after(switches.pollHoldMs, () => answerPoll(null));
      const forget = () => {
        cancel();
        if (session.held === answerPoll) session.held = null;
      };
      session.held = answerPoll;
      return forget;
    },
    clearQueue: (workNo) => {
      const session = sessions.get(workNo);
      if (session) session.queue = [];
    },
    emit: (workNo, eventType, content) => {
      const session = sessions.get(workNo);
      const event: GatewayEvent = {
        eventType,
        workNo,
        content,
        ...(switches.eventGenTime ? { eventGenTime: clock.now() } : {}),
        ...(switches.jsonKeys ? { jsonKey: ['eventType', 'workNo', 'content'] } : {}),
      };
      if (!session) return lose(event);
      if (switches.loseEvents > 0) {
        switches.loseEvents -= 1;
        return lose(event);
      }
      if (session.push) deliver(session.push, session.guids[0]!.guid, workNo, [event]);
      else if (session.held) session.held(event);
      else session.queue.push(event);
    },
    lost,
    lose,
    held: () => [...sessions.values()].filter((session) => session.held !== null).length,
    overlappingPolls: () => overlapping,
  };
};
