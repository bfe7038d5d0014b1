/** Media in front of a recorder: a real HTTP server that plays what the test says, a real store, and the route on a real socket. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Blackout, ControlCommand, Recording } from '../../../src/domain/model/entities.ts';
import type { MediaFormat, Scope } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import type { ObservationBatch } from '../../../src/domain/model/observation.ts';
import type { Principal } from '../../../src/domain/model/principal.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import type { AudioEncoding } from '../../../src/domain/ports/media.ts';
import type { AuditRow, Store } from '../../../src/domain/ports/store.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { createServeContext } from '../../../src/http/media/context.ts';
import { serveMedia } from '../../../src/http/media/serve.ts';
import { replyError } from '../../../src/http/reply.ts';
import { createSlices } from '../../../src/lib/slices.ts';
import { createMediaContext, type MediaContext } from '../../../src/media/context.ts';
import { linkMedia } from '../../../src/media/link.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createVendorApi } from '../../../src/vendors/kit/index.ts';
import { createManualClock, type ManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { tencent } from '../../../src/vendors/tencent/index.ts';
import { recording } from '../../storage/stores.ts';
import { createListLog, type LogLine } from '../../support/list-log.ts';

export const caller = (...scopes: Scope[]): Principal => ({ name: 'listener', scopes: new Set(scopes), sources: null, expiresAtMs: null });
export const listener = caller('recordings:read', 'media:read');
export const auditor = caller('recordings:read', 'media:read', 'audit:read');

export const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Answers with the bytes, whole, and their length. */
export const plays =
  (bytes: Uint8Array, type = 'application/octet-stream'): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  };

export interface MediaFixture {
  clock: ManualClock;
  store: Store;
  media: MediaContext;
  url: string;
  /** Of the recorder. */
  vendorUrl: string;
  logged: readonly LogLine[];
  observed: ObservationBatch[];
  /** Sets what the recorder answers from now on. */
  play(handler: RequestListener): void;
  put(fields?: Partial<Recording>, blackouts?: readonly Blackout[]): Promise<Recording>;
  /** Returns the link's URL, requested by `who`. */
  link(recording: Recording, format?: MediaFormat, who?: Principal): Promise<string>;
  audit(): Promise<readonly AuditRow[]>;
  commands(): Promise<readonly ControlCommand[]>;
}

/** A source whose vendor sends files of one encoding and knows no ranges. */
const plainSource = (
  name: string,
  vendorUrl: string,
  encoding: AudioEncoding,
  contentType: string,
  timeoutMs: number,
  maxConcurrency: number,
): VendorSource => {
  const client = createVendorApi(
    { source: name, baseUrl: vendorUrl, timeoutMs, maxConcurrency, circuit: { failures: 1000, resetSeconds: 1 } },
    { clock: createManualClock(), measure: () => undefined },
  );
  return {
    name,
    vendor: 'TEST',
    vendorType: 'test',
    maxStalenessMs: 0,
    confirmMs: 0,
    maxAgentBlackoutMs: null,
    observes: [],
    media: {
      ranges: false,
      open: async (_recording, { signal }) => {
        const stream = await client.stream({ operation: 'media', method: 'GET', path: '/file', signal });
        if (stream.status === 404) {
          stream.close();
          throw new ExpectedError('MEDIA_UNAVAILABLE', 'hq: it has no file.', { retryable: false, vendorCode: '404' });
        }
        const length = stream.headers['content-length'];
        return {
          contentType,
          encoding,
          byteLength: typeof length === 'string' ? Number(length) : null,
          range: null,
          body: stream.body,
          close: stream.close,
        };
      },
    },
    health: client.health,
    close: client.close,
  };
};

export const startMediaFixture = async (
  test: Pick<TestContext, 'after'>,
  options: {
    encoding?: AudioEncoding;
    contentType?: string;
    signingKey?: string;
    previousSigningKey?: string;
    timeoutMs?: number;
    maxConcurrency?: number;
  } = {},
): Promise<MediaFixture> => {
  const { encoding = 'ALAW_8000', contentType = 'audio/PCMA', timeoutMs = 500, maxConcurrency = 16 } = options;
  const clock = createManualClock();
  let last = 0;
  const ids = { next: () => `id-${++last}` };
  const store = await openStore('sqlite::memory:', { clock, ids });
  let handler: RequestListener = (_request, response) => response.writeHead(404).end();
  const vendor = createServer((request, response) => handler(request, response));
  const vendorUrl = await listen(vendor);
  const linked = tencent.create(
    tencent.settings.parse({
      name: 'desk',
      vendor: 'tencent',
      sdkAppId: 1_400_264_214,
      push: { auth: { type: 'none' } },
      mediaHosts: [new URL(vendorUrl).host],
      timeoutSeconds: 0.5,
    }),
    createVendorContext({ clock }),
  );
  const plain = plainSource('hq', vendorUrl, encoding, contentType, timeoutMs, maxConcurrency);
  const sources = new Map([
    ['hq', plain],
    ['desk', linked],
    ['mute', { ...plain, name: 'mute', media: undefined } as unknown as VendorSource],
  ]);
  const { log, lines } = createListLog();
  const observed: ObservationBatch[] = [];
  let url = '';
  const media = createMediaContext({
    sources,
    store,
    liveState: createLiveState(),
    clock,
    ids,
    settings: { linkSeconds: 300, signingKey: options.signingKey, previousSigningKey: options.previousSigningKey },
    publicUrl: () => url,
    observe: async (_source, batch) => void observed.push(batch),
  });
  const serving = createServeContext(media, { slices: createSlices(clock), log });
  const server = createServer(async (request, response) => {
    response.setHeader('x-correlation-id', 'correlation-1');
    try {
      const token = request.url!.slice('/media/'.length);
      await serveMedia(serving, { request, response, token, client: '127.0.0.1' });
    } catch (error) {
      replyError(response, error, { correlationId: 'correlation-1', log });
    }
  });
  url = await listen(server);
  test.after(async () => {
    for (const one of [server, vendor]) {
      one.closeAllConnections();
      one.close();
    }
    for (const source of [plain, linked]) await source.close();
    await store.close();
  });

  return {
    clock,
    store,
    media,
    url,
    vendorUrl,
    logged: lines,
    observed,
    play: (next) => {
      handler = next;
    },
    put: async (fields = {}, blackouts = []) => {
      const row = recording(fields.externalId ?? 'call-1.V3', { agent: '291', ...fields });
      await store.recordings.put([row]);
      for (const one of blackouts) await store.blackouts.insert(one);
      return row;
    },
    link: async (row, format = 'ORIGINAL', principal = listener) =>
      (await linkMedia(media, { recording: row, format, principal, correlationId: 'correlation-1' })).url,
    audit: () => store.audit.rows(0, 100),
    commands: async () => (await store.commands.pages([{ filter: {}, first: 100, after: null }]))[0]!.items,
  };
};

export const fetched = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(url, { headers, method });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};
