import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import fc from 'fast-check';
import { parse } from 'graphql';
import type { Client, Sink, SubscribePayload } from 'graphql-ws';
import { fullName, maskedName } from '../../src/web/wallboard/agent-name.ts';
import { alarmSentence, blackoutFinding, lateness, urgencyOf } from '../../src/web/wallboard/alarms.ts';
import { fitBoard } from '../../src/web/wallboard/board-fit.ts';
import { arrangeAgents } from '../../src/web/wallboard/board-order.ts';
import { emptyFilter, readView, writeView } from '../../src/web/wallboard/board-view.ts';
import { callPoints, confirmTimes } from '../../src/web/wallboard/chart-series.ts';
import { agentsCsv } from '../../src/web/wallboard/csv.ts';
import { createLiveStore } from '../../src/web/wallboard/live-store.ts';
import { type StreamEvent, subscribe } from '../../src/web/wallboard/live-stream.ts';
import type { AgentView, LiveAgent, LiveBlackout, LiveCall } from '../../src/web/wallboard/live-types.ts';
import { pagesOf } from '../../src/web/wallboard/pages.ts';
import { callsByQueue, waitingCalls } from '../../src/web/wallboard/queues.ts';
import { marksOf, type PastRecording } from '../../src/web/wallboard/recording-marks.ts';
import { createSettings, defaultSettings } from '../../src/web/wallboard/settings.ts';
import { createTicker } from '../../src/web/wallboard/ticker.ts';

const nowMs = Date.parse('2026-03-02T12:00:00Z');
const at = (seconds: number): string => new Date(nowMs + seconds * 1_000).toISOString();

const agent = (id: string, change: Partial<LiveAgent> = {}): LiveAgent => ({
  id,
  sourceName: 'hq',
  externalId: id,
  name: `Agent ${id}`,
  username: null,
  systemUsername: null,
  businessUnit: null,
  status: 'IDLE',
  vendorStatus: null,
  statusSince: at(-5),
  observedAt: at(0),
  activeCall: null,
  inactiveCalls: [],
  ...change,
});

const blackout = (change: Partial<LiveBlackout> = {}): LiveBlackout => ({
  id: 'blackout',
  state: 'ACTIVE',
  confirmation: 'ACCEPTED',
  support: 'NATIVE',
  reason: 'CARD_PAYMENT',
  requestedBy: 'wall',
  startsAt: at(-60),
  stopsAt: null,
  deadline: at(60),
  endedAt: null,
  endedBy: null,
  warnings: [],
  exposures: [],
  agent: { id: '1', sourceName: 'hq' },
  ...change,
});

const view = (id: string, change: Partial<LiveAgent> = {}, rest: Partial<AgentView> = {}): AgentView => ({
  agent: agent(id, change),
  call: null,
  recordings: [],
  blackout: null,
  warnings: [],
  ...rest,
});

const call = (id: string, change: Partial<LiveCall> = {}): LiveCall => ({
  id,
  sourceName: 'hq',
  state: 'ACTIVE',
  direction: 'INBOUND',
  caller: '100',
  called: '200',
  queue: null,
  startedAt: at(-10),
  answeredAt: null,
  endedAt: null,
  ...change,
});

const { thresholds } = defaultSettings;
const options = { nameOf: fullName, thresholds, nowMs };

test('a blackout that does not end is an alarm by the clock alone, with how late it is', () => {
  const late = view('1', {}, { blackout: blackout({ state: 'STOPPING', deadline: at(-70) }) });
  assert.equal(alarmSentence(late, nowMs), 'blackout will not end, overdue 1:10, retrying');
  assert.equal(urgencyOf(late, thresholds, nowMs), 5);
  const justDue = view('1', {}, { blackout: blackout({ state: 'STOPPING', deadline: at(-3) }) });
  assert.equal(alarmSentence(justDue, nowMs), null);
  const failing = { ...justDue, warnings: ['STOP_FAILING'] as const };
  assert.equal(alarmSentence(failing, nowMs), 'blackout will not end, overdue 0:03, retrying');
});

test('a warning counts until what it waited for has happened', () => {
  const of = (change: Partial<LiveBlackout>, warnings: AgentView['warnings']) =>
    blackoutFinding({ blackout: blackout(change), warnings }, nowMs)?.label ?? null;
  assert.equal(of({}, ['UNCONFIRMED']), 'Unconfirmed');
  assert.equal(of({ confirmation: 'CONFIRMED' }, ['UNCONFIRMED']), null);
  assert.equal(of({}, ['STOP_FAILING']), null, 'a stop that was called off fails no longer');
  assert.equal(of({}, ['DEADLINE_NEAR', 'EXPOSED']), 'Exposed');
  assert.equal(of({}, ['UNCONFIRMED', 'MASK_LOST']), 'Mask lost');
});

test('time in status changes colour at its limits, and never without one', () => {
  const since = (status: LiveAgent['status'], seconds: number) =>
    lateness(view('1', { status, statusSince: at(-seconds) }), thresholds, nowMs);
  assert.deepEqual([since('ON_HOLD', 59), since('ON_HOLD', 60), since('ON_HOLD', 180), since('IDLE', 9_999)], [null, 'warn', 'late', null]);
  assert.equal(lateness(view('1', { status: 'ON_HOLD', statusSince: null }), thresholds, nowMs), null);
});

const views = (...all: AgentView[]): ReadonlyMap<string, AgentView> => new Map(all.map((one) => [one.agent.id, one]));

test('an alarm comes first in every order, and the name decides between equals', () => {
  const all = views(
    view('a', { name: 'Zoe', sourceName: 'b', businessUnit: 'Sales' }),
    view('b', { name: 'Åsa', sourceName: 'a', statusSince: at(-400), status: 'ON_HOLD' }),
    view('c', { name: 'Bo', status: 'OFFLINE' }, { blackout: blackout({ state: 'STOPPING', deadline: at(-70) }) }),
    view('d', { name: 'Ann', sourceName: 'a' }),
  );
  const order = (sort: Parameters<typeof arrangeAgents>[1]['sort']) =>
    arrangeAgents(all, { filter: emptyFilter, sort, grouping: 'none' }, options)
      .flatMap(({ ids }) => ids)
      .join('');
  assert.equal(order('urgency'), 'cbda');
  assert.equal(order('name'), 'cdba');
  assert.equal(order('time')[1], 'b');
  assert.equal(order('team'), 'cadb');
  const groups = arrangeAgents(all, { filter: emptyFilter, sort: 'name', grouping: 'team' }, options);
  assert.deepEqual(
    groups.map(({ label, ids }) => [label, ids.length]),
    [
      ['In no team', 3],
      ['Sales', 1],
    ],
    'the group with the alarm comes first',
  );
});

test('an order holds every agent once, whatever the sort and the grouping', () => {
  const one = fc.record({
    id: fc.uuid(),
    name: fc.option(fc.string({ unit: 'grapheme', maxLength: 60 })),
    status: fc.constantFrom<LiveAgent['status']>('IDLE', 'ON_CALL', 'OFFLINE', 'RINGING'),
    businessUnit: fc.option(fc.string({ maxLength: 5 })),
  });
  const sort = fc.constantFrom('urgency', 'time', 'name', 'source', 'queue', 'team' as const);
  const grouping = fc.constantFrom('none', 'urgency', 'status', 'source', 'queue', 'team' as const);
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ id }) => id }), sort, grouping, (agents, by, group) => {
      const all = views(...agents.map(({ id, ...rest }) => view(id, rest)));
      const ids = arrangeAgents(all, { filter: emptyFilter, sort: by as 'name', grouping: group as 'none' }, options).flatMap((g) => g.ids);
      assert.deepEqual([...ids].sort(), [...all.keys()].sort());
    }),
  );
});

test('whatever fits is shown whole and never smaller than can be read', () => {
  const space = fc.record({ widthPx: fc.integer({ min: 600, max: 4000 }), heightPx: fc.integer({ min: 300, max: 2300 }) });
  const lines = fc.constantFrom(1, 2, 3);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }), space, lines, (sizes, screen, nameLines) => {
      const fit = fitBoard(sizes, screen, { kiosk: false, nameLines });
      assert.ok(fit.sizePx >= 11.5);
      if (fit.columns === null || fit.heightPx === null) return;
      const gap = fit.shape === 'tiles' ? 8 : 4;
      const lines = sizes.reduce((sum, size) => sum + Math.ceil(size / fit.columns!), 0);
      const headings = sizes.length > 1 ? sizes.length : 0;
      assert.ok(lines * fit.heightPx + headings * 34 + (lines + headings - 1) * gap <= screen.heightPx + 1);
    }),
  );
  const main = { widthPx: 1888, heightPx: 830 };
  assert.equal(fitBoard([28], main, { kiosk: false, nameLines: 1 }).shape, 'tiles');
  assert.equal(fitBoard([100], main, { kiosk: false, nameLines: 1 }).shape, 'rows');
  assert.ok(fitBoard([4], main, { kiosk: false, nameLines: 1 }).sizePx > 30);
  assert.equal(fitBoard([28], main, { kiosk: false, nameLines: 3 }).shape, 'tiles');
  const kiosk = fitBoard([500], main, { kiosk: true, nameLines: 1 });
  assert.ok(kiosk.perPage >= 90 && kiosk.perPage < 500, `${kiosk.perPage} on a page`);
});

test('pages hold every agent once and in order', () => {
  const groups = [
    { label: 'a', ids: ['1', '2', '3'] },
    { label: 'b', ids: ['4', '5'] },
  ];
  assert.deepEqual(pagesOf(groups, 2), [
    [{ label: 'a', ids: ['1', '2'] }],
    [
      { label: 'a', ids: ['3'] },
      { label: 'b', ids: ['4'] },
    ],
    [{ label: 'b', ids: ['5'] }],
  ]);
});

test('the address keeps the whole view', () => {
  const text = fc.string({ unit: 'grapheme' });
  const word = fc.stringMatching(/^[\w-]{1,12}$/);
  const wanted = fc.record({
    sources: fc.uniqueArray(word),
    statuses: fc.uniqueArray(fc.constantFrom('IDLE' as const, 'ON_CALL' as const)),
    lamps: fc.uniqueArray(fc.constantFrom('recording' as const, 'blackout' as const, 'alarm' as const)),
    search: text,
    sort: fc.constantFrom('urgency' as const, 'time' as const, 'team' as const),
    group: fc.constantFrom('none' as const, 'queue' as const),
    layout: fc.constantFrom('fit' as const, 'large' as const, 'rows' as const),
    kiosk: fc.boolean(),
    charts: fc.boolean(),
    agent: fc.option(word),
  });
  fc.assert(
    fc.property(wanted, (one) => {
      const { search, hash } = new URL(writeView(one), 'http://wall/');
      assert.deepEqual(readView({ search, hash }), { ...one });
    }),
  );
});

test('a spreadsheet reads the export, and runs nothing of it', () => {
  const csv = agentsCsv([view('1', { name: '=1+1' }), view('2', { name: 'Ng, "Li"\nAnn', statusSince: null })], fullName);
  const [heading, first] = csv.split('\r\n');
  assert.match(heading!, /^Name,Source,Agent id,/);
  assert.ok(first!.startsWith("'=1+1,hq,1,"));
  assert.ok(csv.includes('"Ng, ""Li""\nAnn",hq,2,'));
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
    const [, row] = agentsCsv([view('1', { name: `${start}cmd|' /C calc'!A0` })], fullName).split('\r\n');
    assert.match(row!, /^"?'/, `nothing is run that begins with ${JSON.stringify(start)}`);
  }
});

test('without pii:read no other field stands in for a name', () => {
  const one = agent('1001', { name: 'H•••', username: 'hana.sato', systemUsername: 'hsato' });
  assert.equal(maskedName(one), 'Agent 1001');
  assert.equal(maskedName({ ...one, externalId: 'hana.sato@example.com' }), 'H•••');
  assert.equal(fullName({ ...one, name: null }), 'hana.sato');
});

test('calls that wait are counted by queue, the longest wait first', () => {
  const calls = [
    call('1', { state: 'RINGING', queue: 'Sales', startedAt: at(-5) }),
    call('2', { state: 'RINGING', queue: 'Support', startedAt: at(-50) }),
    call('3', { queue: 'Support' }),
    call('4', { state: 'RINGING', direction: 'OUTBOUND' }),
  ];
  assert.deepEqual(
    waitingCalls(calls).map(({ id }) => id),
    ['2', '1'],
  );
  assert.deepEqual(callsByQueue(calls), [
    { queue: 'Support', waiting: 1, inCall: 1 },
    { queue: 'Sales', waiting: 1, inCall: 0 },
  ]);
});

const recording = (support: 'NATIVE' | 'EMULATED', duration: string, change: Partial<PastRecording> = {}): PastRecording =>
  ({
    id: 'r',
    startedAt: at(0),
    endedAt: at(60),
    duration,
    blackouts: [
      { startsAt: at(20), endsAt: at(25.5), offset: 'PT20S', blackout: { id: 'b', reason: 'CARD_PAYMENT', state: 'ENDED', support } },
      { startsAt: at(40), endsAt: at(44), offset: 'PT40S', blackout: { id: 'c', reason: 'OTHER', state: 'ENDED', support } },
    ],
    ...change,
  }) as PastRecording;

test('what a recorder masks is a silent interval, what it cuts out is a cut that moves what follows', () => {
  assert.deepEqual(
    marksOf(recording('NATIVE', 'PT60S'), nowMs).map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs]),
    [
      ['silence', 20_000, 25_500],
      ['silence', 40_000, 44_000],
    ],
  );
  assert.deepEqual(
    marksOf(recording('EMULATED', 'PT50.5S'), nowMs).map(({ kind, fromMs, toMs, label }) => [kind, fromMs, toMs, label]),
    [
      ['cut', 20_000, 20_000, 'Cut at 0:20: 5.5 s not recorded (Card payment)'],
      ['cut', 34_500, 34_500, 'Cut at 0:34: 4 s not recorded (Other)'],
    ],
  );
  const nothingMissing = marksOf(recording('EMULATED', 'PT60S'), nowMs);
  assert.deepEqual(
    nothingMissing.map(({ kind }) => kind),
    ['silence', 'silence'],
  );
});

test('time to confirm counts commands, not reading', () => {
  const row = (operation: string, seconds: number, sourceName = 'hq') =>
    ({ operation, status: 'CONFIRMED', requestedAt: at(0), completedAt: at(seconds), agent: { id: '1', sourceName } }) as never;
  const rows = [row('START_BLACKOUT', 2), row('DOWNLOAD_MEDIA', 0), row('STOP_RECORDING', 4), row('STOP_RECORDING', 1, 'mumbai')];
  assert.deepEqual(confirmTimes(rows), [
    { source: 'hq', median: 4, slow: 4, count: 2 },
    { source: 'mumbai', median: 1, slow: 1, count: 1 },
  ]);
});

test('on call is the status of that name; before the page was opened, the chart says that it draws call records', () => {
  const history = [
    {
      id: 'c',
      sourceName: 'hq',
      state: 'ENDED',
      startedAt: at(-1_200),
      answeredAt: null,
      endedAt: at(-600),
      agents: [{ id: 'a' }, { id: 'b' }],
    },
  ] as unknown as Parameters<typeof callPoints>[0];
  const samples = [{ atMs: nowMs - 30_000, agents: ['a', 'b', 'c'] }];
  const points = callPoints(history, samples, (id) => id !== 'b', nowMs);
  assert.equal(points.at(-1)!.onCall, 2);
  assert.equal(points.at(-1)!.inCall, null);
  assert.equal(points[0]!.inCall, 1, 'the filter applies to history too');
  assert.ok(points.every(({ atMs }, index) => index === 0 || atMs >= points[index - 1]!.atMs));
  const open = [{ ...history[0]!, state: 'ACTIVE' as const, endedAt: null }];
  assert.equal(callPoints(open, [], () => true, nowMs).at(-1)!.inCall, 2, 'a call that goes on counts up to now');
});

test('the page counts by the server clock, whatever the machine of the wall believes', () => {
  let local = 1_000_000;
  const ticker = createTicker(() => local);
  ticker.setServerTime(1_000_000 + 3_600_000);
  assert.equal(ticker.now(), 4_600_000);
  local += 500;
  ticker.setServerTime(4_600_000);
  assert.equal(ticker.now(), 4_600_500, 'whole seconds do not shake it');
});

test('settings are kept, and a damaged store falls back to the defaults', () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  createSettings(storage).change({ pageSeconds: 5 });
  assert.equal(createSettings(storage).get().pageSeconds, 5);
  for (const key of kept.keys()) kept.set(key, '{');
  assert.deepEqual(createSettings(storage).get(), defaultSettings);
});

test('a recording that is no agent’s changes nothing that is shown', () => {
  let frames = 0;
  const live = createLiveStore((show) => {
    frames += 1;
    show();
  });
  const times = { isDuplicate: false, startedAt: at(-5), endedAt: null };
  const event = { id: '1', position: '1', at: at(0), snapshot: false, gap: false, previousState: null };
  live.apply.recording({ ...event, recording: { id: '1', kind: 'AUDIO', state: 'RECORDING', ...times, agent: null } });
  assert.equal(frames, 0);
  live.apply.recording({ ...event, recording: { id: '2', kind: 'AUDIO', state: 'RECORDING', ...times, agent: { id: '1' } } });
  assert.equal(frames, 1);
});

test('warnings of a snapshot reach the tile, and the end of the blackout takes them away', () => {
  const live = createLiveStore((show) => show());
  const event = { id: '1', position: '1', at: at(0), snapshot: true, gap: false };
  live.apply.agent({ ...event, previousStatus: null, agent: agent('1') });
  const stuck = blackout({ state: 'STOPPING', warnings: [{ warning: 'STOP_FAILING', at: at(-5) }] });
  live.apply.blackout({ ...event, previousState: null, warning: null, blackout: stuck });
  assert.deepEqual(live.view('1')?.warnings, ['STOP_FAILING']);
  live.apply.blackout({
    ...event,

    previousState: null,
    warning: null,
    blackout: blackout({ state: 'ENDED' }),
  });
  assert.deepEqual(live.view('1')?.warnings, []);
});

test('a stream that the server ends keeps what is shown until a connection brings it anew', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const listeners = new Map<string, () => void>();
  const subscribed: { variables: unknown; sink: Sink }[] = [];
  const socket = {
    on: (event: string, listener: () => void) => {
      listeners.set(event, listener);
      return () => void listeners.delete(event);
    },
    subscribe: ({ variables }: SubscribePayload, sink: Sink) => {
      subscribed.push({ variables, sink });
      return () => undefined;
    },
  } as unknown as Client;
  const order: string[] = [];
  type Tick = StreamEvent & { name: string };
  const document = parse('subscription ($after: String) { tick(after: $after) { name } }') as TypedDocumentNode<
    { tick: Tick },
    { after?: string | number | null | undefined }
  >;
  subscribe(
    socket,
    { document, field: 'tick' },
    {
      onReset: () => order.push('reset'),
      onEvent: ({ name }: Tick) => order.push(name),
      onFault: () => undefined,
      onGap: () => order.push('gap'),
    },
  );
  const send = (name: string) =>
    subscribed.at(-1)!.sink.next({ data: { tick: { name, position: '7', snapshot: false, gap: false } } } as never);
  listeners.get('connected')!();
  send('agent1');
  assert.deepEqual(order.splice(0), ['reset', 'agent1']);

  subscribed.at(-1)!.sink.complete();
  listeners.get('closed')!();
  t.mock.timers.tick(60_000);
  assert.equal(subscribed.length, 2, 'it is wanted anew');
  assert.deepEqual(order.splice(0), [], 'agent1 stays as last known');
  listeners.get('connected')!();
  send('agent1');
  assert.deepEqual(order.splice(0), ['reset', 'agent1']);
  assert.deepEqual(subscribed.at(-1)!.variables, { after: '7' });

  listeners.get('closed')!();
  listeners.get('connected')!();
  assert.deepEqual(order.splice(0), [], 'it resumes behind the last event');

  subscribed.at(-1)!.sink.complete();
  t.mock.timers.tick(60_000);
  assert.deepEqual(order.splice(0), ['reset'], 'a snapshot follows on the connection that is there');
});
