/** Behaviour that differs from server to server, or that the manual leaves open. */
export interface Switches {
  version: '6.1' | '6.5' | '7.0' | '7.1' | '7.2' | '7.3' | '8.0';
  /** True if the licence covers the requests; from 7.1 on a missing one is HTTP 403. */
  licensed: boolean;
  /** How the overview shows who is logged in: by a word, by a flag, or not at all. */
  statusField: 'word' | 'flag' | 'none';
  /** True if lists come in no order. */
  shuffled: boolean;
  /** The body of an empty list. */
  emptyList: '[]' | 'null' | '';
  /** Between a call-control answer and its effect: HTTP 200 means only that the agent's client received it. */
  clientDelayMs: number;
  /** True if `/queues` and the lists below it exist. */
  queueMethods: boolean;
}

export const usualSwitches: Switches = {
  version: '7.2',
  licensed: true,
  statusField: 'word',
  shuffled: true,
  emptyList: '[]',
  clientDelayMs: 0,
  queueMethods: true,
};

export type Fault =
  | { kind: 'status'; status: number; body?: string }
  | { kind: 'page' }
  | { kind: 'halfJson' }
  | { kind: 'stall' }
  | { kind: 'reset' }
  | { kind: 'body'; body: string | Buffer };

/** A request below `/mot/{account}`, such as `GET /agents?state=any`, that matches is answered with the fault. */
export interface ArmedFault {
  matches: RegExp;
  fault: Fault;
}
