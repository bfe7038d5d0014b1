import type { Clock } from '../../domain/ports/clock.ts';
import type { ContactCenter } from './contact-center.ts';
import type { GatewaySessions } from './sessions.ts';
import type { HuaweiSwitches } from './switches.ts';

/** The context of the gateway's paths. */
export interface SimulatedGateway {
  contactCenter: ContactCenter;
  sessions: GatewaySessions;
  switches: HuaweiSwitches;
  clock: Clock;
}

export interface RouteRequest {
  workNo: string;
  parameters: readonly string[];
  query: URLSearchParams;
  guid: string | undefined;
  body: Readonly<Record<string, unknown>>;
}

export interface RouteAnswer {
  /** The envelope's `retcode`; "0" when absent. */
  retcode?: string;
  message?: string;
  result?: unknown;
  guid?: string | null;
  /** Instead of an envelope: a file. */
  file?: Uint8Array;
  /** Instead of an answer now: the event poll. */
  poll?: true;
}

export interface Route {
  operation: string;
  method: string;
  path: RegExp;
  /** Sign-ins alone need no GUID. */
  open?: boolean;
  handle(request: RouteRequest): RouteAnswer;
}

export const success = { message: 'success', result: {} };
