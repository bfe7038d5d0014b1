/** The Recording API servers of one source, which share their blackouts: a request goes to one, and to the next where that one does not answer. */
import {
  apiOptions,
  type CallContext,
  createVendorApi,
  ExpectedError,
  type SourceHealth,
  type VendorClock,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
import type { UptivitySettings } from './settings.ts';

interface Nodes {
  /**
   * `mayRepeat` where it does no harm that two servers get the request; else the next gets it only where this one cannot have received it.
   * `refusalOf` says why an answer is none of the Recording API, which is then held against that server's health.
   */
  request(request: VendorRequest, mayRepeat: boolean, refusalOf: (response: VendorResponse) => string | null): Promise<VendorResponse>;
  /** Of the server that answered last. */
  clock(): VendorClock;
  health(): SourceHealth;
  /** Without `about`, the problem is one of the server that answered last. */
  noteProblem(message: string | null, about?: string): void;
  /** Runs `read` on the last answer; its expected error is a problem of the server that gave it until it throws none. */
  checked<T>(read: () => T): T;
  close(): Promise<void>;
}

const goesOn: ReadonlySet<string> = new Set(['VENDOR_UNAVAILABLE', 'VENDOR_TIMEOUT', 'VENDOR_REJECTED']);

export const createNodes = (settings: UptivitySettings, context: CallContext): Nodes => {
  const addresses = settings.baseUrls ?? [settings.baseUrl!];
  /** When each server last answered other than with a server error, epoch ms. */
  const answeredMs: (number | null)[] = addresses.map(() => null);

  /** Since they share their blackouts, an outage of one lasted no longer than the others were silent. */
  const contextOf = (index: number): CallContext => ({
    ...context,
    outageEnded: (sinceMs) => {
      const contacts = [sinceMs, ...answeredMs.filter((_, other) => other !== index)].filter((one) => one !== null);
      context.outageEnded?.(contacts.length === 0 ? null : Math.max(...contacts));
    },
  });
  const nodes = addresses.map((baseUrl, index) =>
    createVendorApi(
      {
        ...apiOptions(settings),
        baseUrl,
        // Each gets its share, so that the last one still has time within the deadline of the whole.
        timeoutMs: (settings.timeoutSeconds * 1000) / addresses.length,
        caFile: settings.caFile,
      },
      contextOf(index),
    ),
  );
  let current = 0;

  const mayGoOn = (error: unknown, mayRepeat: boolean): boolean =>
    error instanceof ExpectedError && goesOn.has(error.code) && (mayRepeat || error.notSent);

  return {
    request: async (request, mayRepeat, refusalOf) => {
      const first = current;
      for (let turn = 0; ; turn += 1) {
        const index = (first + turn) % nodes.length;
        try {
          const response = await nodes[index]!.request(request);
          answeredMs[index] = context.clock.now();
          const refusal = refusalOf(response);
          if (refusal !== null) {
            nodes[index]!.noteProblem(refusal);
            throw new ExpectedError('VENDOR_REJECTED', refusal, { vendorCode: String(response.status) });
          }
          current = index;
          return response;
        } catch (error) {
          if (turn + 1 >= nodes.length || request.signal?.aborted || !mayGoOn(error, mayRepeat)) throw error;
        }
      }
    },
    clock: () => nodes[current]!.clock,
    health: () => {
      const all = nodes.map((node) => node.health());
      const own = all[current]!;
      const ailing = all.find(({ status }) => status !== 'UP');
      const lastContactAt =
        all
          .flatMap((one) => one.lastContactAt ?? [])
          .sort()
          .at(-1) ?? null;
      return own.status !== 'UP' || !ailing
        ? { ...own, lastContactAt }
        : { ...own, lastContactAt, status: 'DEGRADED', lastError: ailing.lastError };
    },
    noteProblem: (message, about) => {
      if (about === undefined) nodes[current]!.noteProblem(message);
      else for (const node of nodes) node.noteProblem(message, about);
    },
    checked: (read) => nodes[current]!.checked(read),
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
};
