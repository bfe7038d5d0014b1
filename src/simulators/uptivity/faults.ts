import type { ServerResponse } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';

/** Something that goes wrong with an answer. */
export type Fault =
  /** Instead of the answer; the command is not carried out. */
  | { kind: 'status'; status: number; body?: string; headers?: Readonly<Record<string, string>> }
  /** A 200 of something else, such as a web page. */
  | { kind: 'body'; body: string; contentType?: string }
  /** The first half of the answer, complete as far as HTTP goes. */
  | { kind: 'half' }
  /** The connection breaks in the middle of the answer. */
  | { kind: 'cut' }
  /** The connection is reset instead of an answer; with `performed`, after the command was carried out. */
  | { kind: 'reset'; performed?: boolean }
  /** No answer, ever; with `performed`, although the command was carried out. */
  | { kind: 'stall'; performed?: boolean }
  /** The answer, late by the injected clock; the command is carried out at once. */
  | { kind: 'delay'; ms: number };

export interface PlannedFault {
  fault: Fault;
  /** Such as `GET /api/Agent/GetAll`, in any case; every route when absent. */
  route?: string;
  /** How many answers it spoils; all when absent. */
  times?: number;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface Faults {
  /** The returned function takes the fault back. */
  plan(fault: PlannedFault): () => void;
  /** The next fault of a route, counted as used. */
  take(route: string): Fault | undefined;
  clear(): void;
}

export const createFaults = (): Faults => {
  let planned: { route: string | undefined; left: number; fault: Fault }[] = [];
  return {
    plan: ({ fault, route, times = Number.POSITIVE_INFINITY }) => {
      const entry = { fault, route: route?.toLowerCase(), left: times };
      planned.push(entry);
      return () => {
        planned = planned.filter((other) => other !== entry);
      };
    },
    take: (route) => {
      const entry = planned.find((one) => one.left > 0 && (one.route === undefined || one.route === route));
      if (entry) entry.left -= 1;
      return entry?.fault;
    },
    clear: () => {
      planned = [];
    },
  };
};

/** Returns true if the request is carried out although its answer is spoilt. */
export const isPerformed = (fault: Fault | undefined): boolean => {
  if (fault === undefined) return true;
  if (fault.kind === 'stall' || fault.kind === 'reset') return fault.performed ?? false;
  return fault.kind !== 'status';
};

export const writeAnswer = (response: ServerResponse, { status, headers, body }: Answer): void => {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
};

/** Sends `answer` as the fault spoils it. */
export const writeSpoilt = (response: ServerResponse, answer: Answer, { fault, clock }: { fault: Fault; clock: Clock }): void => {
  switch (fault.kind) {
    case 'status':
      writeAnswer(response, { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' });
      return;
    case 'body':
      writeAnswer(response, { status: 200, headers: { 'content-type': fault.contentType ?? 'text/html' }, body: fault.body });
      return;
    case 'half':
      writeAnswer(response, { ...answer, body: answer.body.slice(0, answer.body.length / 2) });
      return;
    case 'cut':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
      response.write(answer.body.slice(0, answer.body.length / 2), () => response.destroy());
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stall':
      return;
    case 'delay':
      clock.after(fault.ms, () => writeAnswer(response, answer));
  }
};
