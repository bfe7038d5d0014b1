import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blackout } from '../../storage/stores.ts';
import { startMediaFixture } from './media-fixture.ts';

const megabyte = 1024 * 1024;
const length = 500 * megabyte;
const chunk = Buffer.alloc(64 * 1024, 0x55);
/** Until then the heap and the sockets' buffers find their size; what is kept of the rest would show. */
const settledAfter = 100 * megabyte;
const allowance = 100 * megabyte;

for (const format of ['ORIGINAL', 'WAV'] as const) {
  test(`500 MB leave as ${format} in the memory of a few chunks`, async (t) => {
    // A busy machine may pause for long in so much.
    const fixture = await startMediaFixture(t, { timeoutMs: 60_000 });
    fixture.play((_request, response) => {
      response.writeHead(200, { 'content-length': length });
      let left = length / chunk.length;
      const pour = () => {
        while (left > 0 && !response.destroyed) {
          left -= 1;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', pour);
      pour();
    });
    const covering = blackout('b', {
      support: 'EMULATED',
      state: 'ENDED',
      startsAt: '2026-01-05T10:00:00Z',
      endedAt: '2026-01-05T11:00:00Z',
    });
    const seconds = length / 8000;
    const row = await fixture.put(
      {
        startedAt: '2026-01-05T09:00:00Z',
        endedAt: new Date(Date.UTC(2026, 0, 5, 9) + seconds * 1000).toISOString(),
        durationMs: seconds * 1000,
      },
      [covering],
    );
    const response = await fetch(await fixture.link(row, format));
    assert.equal(response.headers.get('x-tapegraph-masked'), '3600-7200');
    let settled = 0;
    let most = 0;
    let seen = 0;
    for await (const part of response.body!) {
      seen += part.length;
      const rss = process.memoryUsage.rss();
      if (seen < settledAfter) settled = Math.max(settled, rss);
      else most = Math.max(most, rss);
    }
    assert.equal(seen, format === 'WAV' ? 44 + 2 * length : length);
    const grown = Math.round((most - settled) / megabyte);
    t.diagnostic(`grew by ${grown} MB from ${Math.round(settled / megabyte)} MB`);
    assert.ok(most - settled < allowance, `grew by ${grown} MB`);
  });
}
