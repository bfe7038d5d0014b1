/** One request or event: what surrounds its execution for traces and logs. */
export interface RequestScope {
  /** One of a few names. */
  name: string;
  operation?: { type: string; name: string | null };
  correlationId: string;
  /** The headers that name the caller's trace. */
  caller?: Readonly<Record<string, unknown>>;
}

/** Runs what no HTTP request surrounds, such as inside a trace of its own. */
export type Instrument = <T>(requestScope: RequestScope, work: () => Promise<T>) => Promise<T>;

export const noInstrumentation: Instrument = (_, work) => work();

const routes: ReadonlySet<string> = new Set(['graphql', 'hooks', 'media', 'health', 'metrics']);

/** The first part of a path where it is one of ours, else an empty text: a path may hold a token. */
export const routeOf = (path: string): string => {
  const [, first = ''] = path.split(/[/?]/);
  return routes.has(first) ? first : '';
};

/** The part of an HTTP request that identifies it. */
interface HttpRequestInfo {
  method?: string | undefined;
  url?: string | undefined;
  headers: Readonly<Record<string, unknown>>;
}

export interface Instrumentation {
  /** The answer to a request. No path reaches a trace: it may hold a token. */
  request(request: HttpRequestInfo, correlationId: string, answer: () => Promise<void>): Promise<void>;
  /** An operation of a socket, an event of a stream. */
  requestScope: Instrument;
}
