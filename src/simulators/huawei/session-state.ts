/** The state of the gateway's sessions, and the events that may have reached nobody. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { IssuedGuid } from './guids.ts';
import type { HuaweiSwitches } from './switches.ts';

export interface GatewayEvent {
  eventType: string;
  workNo: string;
  content: unknown;
  eventGenTime?: number | undefined;
  jsonKey?: readonly string[] | undefined;
}

interface Push {
  uri: string;
  token: string;
}

export interface SessionOptions {
  phone: string;
  autoAnswer: boolean;
  /** Where events are posted to; null where the agent polls. */
  push: Push | null;
}

export interface GatewaySession extends SessionOptions {
  workNo: string;
  /** The newest first. */
  guids: readonly IssuedGuid[];
  lastRequestAtMs: number;
  queue: GatewayEvent[];
  held: ((event: GatewayEvent | null) => void) | null;
  cancelKick: () => void;
}

/** Events for the callback of an agent's session. */
export interface PushDelivery {
  push: Push;
  guid: string;
  workNo: string;
  events: readonly GatewayEvent[];
}

const maxLost = 10_000;

export interface SessionsState {
  clock: Clock;
  switches: HuaweiSwitches;
  deliver(delivery: PushDelivery): void;
  /** By agent. */
  sessions: Map<string, GatewaySession>;
  lost: GatewayEvent[];
  overlappingPolls: number;
}

export const lose = ({ lost }: SessionsState, event: GatewayEvent): void => {
  if (lost.push(event) > maxLost) lost.shift();
};
