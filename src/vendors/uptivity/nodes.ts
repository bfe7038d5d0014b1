/** The Recording API servers of one source, which share their blackouts: a request goes to one, and to the next where that one does not answer. */
import {
  apiOptions,
  type CallContext,
  createVendorApi,
  ExpectedError,
  type SourceHealth,
  type VendorApi,
  type VendorClock,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
import type { UptivitySettings } from './settings.ts';

interface NodesRequest {
  request: VendorRequest;
  /** True if it does no harm that two servers get it; else the next gets it only where this one cannot have received it. */
  mayRepeat: boolean;
  /** Says why an answer is none of the Recording API, which is then held against that server's health. */
  refusalOf(response: VendorResponse): string | null;
}

interface Nodes {
  request(request: NodesRequest): Promise<VendorResponse>;
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

interface NodesState {
  context: CallContext;
  nodes: readonly VendorApi[];
  /** When each server last answered other than with a server error, epoch ms, by its index. */
  answeredMs: Map<number, number>;
  /** The index of the server that answered last. */
  current: number;
}

const mayGoOn = (error: unknown, mayRepeat: boolean): boolean =>
  error instanceof ExpectedError && goesOn.has(error.code) && (mayRepeat || error.notSent);

/** Sends to the server that answered last, and to the next where it does not answer. */
const sendToNodes = async (state: NodesState, { request, mayRepeat, refusalOf }: NodesRequest): Promise<VendorResponse> => {
  const { nodes } = state;
  const first = state.current;
  for (let turn = 0; ; turn += 1) {
    const index = (first + turn) % nodes.length;
    try {
      const response = await nodes[index]!.request(request);
      state.answeredMs.set(index, state.context.clock.now());
      const refusal = refusalOf(response);
      if (refusal !== null) {
        nodes[index]!.noteProblem(refusal);
        throw new ExpectedError('VENDOR_REJECTED', refusal, { vendorCode: String(response.status) });
      }
      state.current = index;
      return response;
    } catch (error) {
      if (turn + 1 >= nodes.length || request.signal?.aborted || !mayGoOn(error, mayRepeat)) throw error;
    }
  }
};

/** Shows the server that answered last, and that another ails. */
const healthOf = ({ nodes, current }: NodesState): SourceHealth => {
  const all = nodes.map((node) => node.health());
  const own = all[current]!;
  const ailing = all.find(({ status }) => status !== 'UP');
  const contacts = all.flatMap((one) => one.lastContactAt ?? []).sort();
  const lastContactAt = contacts.at(-1) ?? null;
  return own.status !== 'UP' || !ailing
    ? { ...own, lastContactAt }
    : { ...own, lastContactAt, status: 'DEGRADED', lastError: ailing.lastError };
};

const createApis = (settings: UptivitySettings, context: CallContext, answeredMs: NodesState['answeredMs']): readonly VendorApi[] => {
  const addresses = settings.baseUrls ?? [settings.baseUrl!];
  /** Since they share their blackouts, an outage of one lasted no longer than the others were silent. */
  const contextOf = (index: number): CallContext => ({
    ...context,
    outageEnded: (sinceMs) => {
      const ofOthers = [...answeredMs].flatMap(([other, ms]) => (other === index ? [] : [ms]));
      const contacts = sinceMs === null ? ofOthers : [sinceMs, ...ofOthers];
      context.outageEnded?.(contacts.length === 0 ? null : Math.max(...contacts));
    },
  });
  // Each gets its share, so that the last one still has time within the deadline of the whole.
  const timeoutMs = (settings.timeoutSeconds * 1000) / addresses.length;
  return addresses.map((baseUrl, index) =>
    createVendorApi({ ...apiOptions(settings), baseUrl, timeoutMs, caFile: settings.caFile }, contextOf(index)),
  );
};

export const createNodes = (settings: UptivitySettings, context: CallContext): Nodes => {
  const answeredMs = new Map<number, number>();
  const nodes = createApis(settings, context, answeredMs);
  const state: NodesState = { context, nodes, answeredMs, current: 0 };
  return {
    request: (request) => sendToNodes(state, request),
    clock: () => nodes[state.current]!.clock,
    health: () => healthOf(state),
    noteProblem: (message, about) => {
      if (about === undefined) nodes[state.current]!.noteProblem(message);
      else for (const node of nodes) node.noteProblem(message, about);
    },
    checked: (read) => nodes[state.current]!.checked(read),
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
};
