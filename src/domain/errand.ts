/** One thing that a client asked for, or is told. */
export interface Errand {
  /** One of a few names. */
  name: string;
  correlationId: string;
  /** What names the caller's trace, as HTTP's headers do. */
  caller?: Readonly<Record<string, unknown>>;
}

/** Runs what no HTTP request surrounds, such as inside a trace of its own. */
export type Surround = <T>(errand: Errand, work: () => Promise<T>) => Promise<T>;

export const unsurrounded: Surround = (_, work) => work();

/** As much of an HTTP request as tells what it is. */
export interface AskedByHttp {
  method?: string | undefined;
  url?: string | undefined;
  headers: Readonly<Record<string, unknown>>;
}

export interface Around {
  /** The answer to a request. No path reaches a trace: it may hold a token. */
  request(request: AskedByHttp, correlationId: string, answer: () => Promise<void>): Promise<void>;
  /** An operation of a socket, an event of a stream. */
  errand: Surround;
}
