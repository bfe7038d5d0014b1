/** A Huawei site with one agent, joined to the domain over a real store and to media over HTTP, on a clock that the test moves. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Blackout, Recording } from '../../../src/domain/model/entities.ts';
import type { Principal } from '../../../src/domain/model/principal.ts';
import { createServeContext } from '../../../src/http/media/context.ts';
import { serveMedia } from '../../../src/http/media/serve.ts';
import { createSlices } from '../../../src/lib/slices.ts';
import { createMediaContext } from '../../../src/media/context.ts';
import { linkMedia } from '../../../src/media/link.ts';
import { type HuaweiSwitches, startHuaweiSimulator } from '../../../src/simulators/huawei/index.ts';
import { huawei } from '../../../src/vendors/huawei/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../../support/list-log.ts';
import { settingsFor, settleWith } from '../../vendors/huawei/gateway.ts';
import { alice } from './domain-harness.ts';
import { join } from './joined.ts';

export const source = 'mumbai';
const agent = { source, identifier: 'ID' as const, value: '291' };
const listener: Principal = { ...alice, scopes: new Set(['recordings:read', 'media:read']) };

export interface SiteOptions {
  /** By how much the gateway's clock is ahead of the server's. */
  aheadMs?: number;
  switches?: Partial<HuaweiSwitches>;
  settings?: Record<string, unknown>;
}

export const openHuaweiSite = async (context: TestContext, { aheadMs = 0, switches = {}, settings = {} }: SiteOptions = {}) => {
  const clock = createManualClock();
  const simulator = await startHuaweiSimulator({ clock: { ...clock, now: () => clock.now() + aheadMs }, switches });
  context.after(() => simulator.close());
  simulator.contactCenter.addAgent({ workNo: '291', password: 'secret-291' });
  const joined = await join(context, source, (server) => huawei.create(settingsFor(simulator.url, ['291'], settings), server), { clock });
  const { store, liveState, control } = joined;

  const pass = async (ms: number, stepMs = 100) => {
    for (let left = ms; left > 0; left -= stepMs) {
      await settleWith(simulator, clock);
      await clock.advance(Math.min(stepMs, left));
    }
    await settleWith(simulator, clock);
  };
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const mark = () => {
      isDone = true;
    };
    work.then(mark, mark);
    while (!isDone) await pass(50, 50);
    return work;
  };

  let url = '';
  let last = 0;
  const media = createMediaContext({
    sources: new Map([[source, joined.source]]),
    store,
    liveState,
    clock,
    ids: { next: () => `link-${++last}` },
    settings: { linkSeconds: 300 },
    publicUrl: () => url,
    observe: (_source, batch) => joined.observe(batch),
  });
  const serving = createServeContext(media, { slices: createSlices(clock), log: createListLog().log });
  const server = createServer((request, response) => {
    const token = request.url!.slice('/media/'.length);
    void serveMedia(serving, { request, response, token, client: '127.0.0.1' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });

  await pass(15_000, 500);
  return {
    ...joined,
    clock,
    simulator,
    pass,
    during,
    startBlackout: () => during(control.startBlackout({ agent }, alice, 'c')),
    stopBlackout: () => during(control.stopBlackout({ agent }, alice, 'c')),
    row: async (id: string): Promise<Blackout> => (await store.blackouts.byIds([id]))[0]!,
    recordings: async (): Promise<readonly Recording[]> =>
      (await store.recordings.pages([{ filter: {}, first: 10, after: null }]))[0]!.items,
    /** The WAV that a caller without audit:read gets, as 16-bit samples at 8 kHz. */
    download: async (recording: Recording): Promise<Int16Array> => {
      const link = await during(linkMedia(media, { recording, format: 'WAV', principal: listener, correlationId: 'c' }));
      const answer = await during(fetch(link.url).then(async (response) => Buffer.from(await response.arrayBuffer())));
      const data = answer.indexOf('data') + 8;
      return new Int16Array(new Uint8Array(answer.subarray(data)).buffer);
    },
  };
};

export type HuaweiSite = Awaited<ReturnType<typeof openHuaweiSite>>;
