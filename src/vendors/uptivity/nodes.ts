/** The Recording API servers of one source, which share their blackouts: a request goes to one, and to the next where that one does not answer. */
import {
  createVendorApi,
  ExpectedError,
  type SourceHealth,
  type VendorClock,
  type VendorContext,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
import type { UptivitySettings } from './settings.ts';

interface Nodes {
  /** `mayRepeat` where it does no harm that two servers get the request; else the next gets it only where this one cannot have received it. */
  request(request: VendorRequest, mayRepeat: boolean): Promise<VendorResponse>;
  /** Of the server that answered last. */
  clock(): VendorClock;
  health(): SourceHealth;
  noteProblem(message: string | null, about?: string): void;
  close(): Promise<void>;
}

export const createNodes = (
  settings: UptivitySettings,
  context: Pick<VendorContext, 'clock' | 'measure' | 'meter' | 'outageEnded'>,
): Nodes => {
  const addresses = settings.baseUrls ?? [settings.baseUrl!];
  const nodes = addresses.map((baseUrl) =>
    createVendorApi(
      {
        source: settings.name,
        baseUrl,
        // Each gets its share, so that the last one still has time within the deadline of the whole.
        timeoutMs: (settings.timeoutSeconds * 1000) / addresses.length,
        maxConcurrency: settings.maxConcurrency,
        circuit: settings.circuit,
        caFile: settings.caFile,
      },
      context,
    ),
  );
  let current = 0;

  const mayGoOn = (error: unknown, mayRepeat: boolean): boolean =>
    error instanceof ExpectedError &&
    (error.code === 'VENDOR_UNAVAILABLE' || error.code === 'VENDOR_TIMEOUT') &&
    (mayRepeat || error.notSent);

  return {
    request: async (request, mayRepeat) => {
      const first = current;
      for (let turn = 0; ; turn += 1) {
        const place = (first + turn) % nodes.length;
        try {
          const response = await nodes[place]!.request(request);
          current = place;
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
      for (const node of nodes) node.noteProblem(message, about);
    },
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
};
