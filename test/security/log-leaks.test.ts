/** Every operation of every vendor with marked people, numbers, sessions, links and secrets: what is marked turns up nowhere. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { readConfiguration } from '../../src/config/load.ts';
import { agentIdentifiers, scopes } from '../../src/domain/model/enums.ts';
import { startTapegraph } from '../../src/main.ts';
import { createLog } from '../../src/observability/log.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { connectSocket, type SocketMessage } from '../support/socket-client.ts';
import { faultText, inFaults, personal, secrets, startMarkedVendors } from './marked-vendors.ts';
import { schemaOf, wholeSelection } from './whole-selections.ts';

const root = resolve(import.meta.dirname, '../..');
const operationFiles = join(root, 'schema/operations');
const operations = readdirSync(operationFiles).map((name) => [name, readFileSync(join(operationFiles, name), 'utf8')] as const);
const schema = schemaOf(readFileSync(join(root, 'schema/subgraph.graphql'), 'utf8'));

const callers = {
  everything: [...scopes],
  auditor: scopes.filter((scope) => scope !== 'pii:read'),
  board: ['agents:read', 'recordings:read'],
  nothing: [],
} as const;
type Caller = keyof typeof callers;
const keyOf = (caller: Caller) => `marked-key-of-${caller}`;

/** Lists what a client itself sends, which no log line repeats. */
const sent = {
  strangersKey: 'marked-strangers-key',
  cookie: 'marked-cookie',
  email: 'sought.mail@secret.example',
  phone: '+4915166666666',
  note: 'call back +4915177777777',
};

const lists = ['sources', 'agents', 'calls', 'recordings', 'blackouts', 'commands'];

/** One agent of each source, named as clients do. */
const agentRefs = [
  ['hq', '2'],
  ['mumbai', '291'],
  ['desk', 'desk.agent@secret.example'],
  ['greenbox', '1'],
].map(([source, value]) => ({ key: { source, identifier: 'ID', value } }));

/** The id of the event that a subscription tells; null where it tells of an error instead. */
const eventIdIn = ({ payload }: SocketMessage): string | null => {
  const { data } = (payload ?? {}) as { data?: Record<string, { id: string }> | null };
  return Object.values(data ?? {})[0]?.id ?? null;
};

const commandFields = wholeSelection(schema, schema.getType('ControlResult') as never, 2, []);
const blackoutFields = wholeSelection(schema, schema.getType('BlackoutResult') as never, 2, []);
const mutations = (agent: object): [query: string, input: object][] => {
  const metadata = [{ key: 'user2', value: sent.phone }];
  const call = (field: string, type: string, fields: string) => `mutation ($input: ${type}!) { ${field}(input: $input) ${fields} }`;
  return [
    [call('signInAgent', 'SignInAgentInput', commandFields), { agent, phone: '40038555' }],
    [call('startRecording', 'StartRecordingInput', commandFields), { agent, metadata }],
    [call('startRecording', 'StartRecordingInput', commandFields), { agent, kind: 'SCREEN', fileName: sent.phone }],
    [call('updateRecording', 'UpdateRecordingInput', commandFields), { agent, metadata }],
    [call('startDuplicateRecording', 'DuplicateRecordingInput', commandFields), { agent, idempotencyKey: sent.email }],
    [call('stopDuplicateRecording', 'DuplicateRecordingInput', commandFields), { agent }],
    [call('startBlackout', 'StartBlackoutInput', blackoutFields), { agent, maxDuration: 'PT30S', note: sent.note }],
    [call('stopBlackout', 'StopBlackoutInput', blackoutFields), { agent }],
    [call('stopRecording', 'StopRecordingInput', commandFields), { agent }],
    [call('stopRecording', 'StopRecordingInput', commandFields), { agent, kind: 'SCREEN' }],
  ];
};

it('nothing marked is logged, shown to whom it is not for, or reported in an error', { timeout: 180_000 }, async (test) => {
  const vendors = await startMarkedVendors(test);
  const logged: string[] = [];
  const answers: { caller: Caller | null; what: string; text: string }[] = [];
  const configuration = readConfiguration(
    {
      server: { port: 0 },
      limits: { cost: 10_000_000, fields: 100_000, tokens: 100_000, aliases: 1000, directives: 1000 },
      store: { url: 'sqlite::memory:' },
      media: { signingKey: secrets.signingKey },
      control: { clockSkewSeconds: 30 },
      auth: {
        mode: 'apiKeys',
        apiKeys: Object.entries(callers).map(([name, held]) => ({
          name,
          keySha256: createHash('sha256')
            .update(keyOf(name as Caller))
            .digest('hex'),
          scopes: held,
        })),
      },
      sources: vendors.sources,
    },
    { modules: vendorModules, environment: {}, where: 'the test' },
  );
  const log = createLog('debug', (line) => logged.push(line));
  const tapegraph = await startTapegraph(configuration, { log, pagesDirectory: '/nowhere' });
  let closed = false;
  const close = async () => {
    if (!closed) await tapegraph.close(200);
    closed = true;
  };
  test.after(close);
  vendors.connect(tapegraph.url);
  vendors.makeCalls();

  const note = async (caller: Caller | null, what: string, response: Response): Promise<string> => {
    const body = await response.text();
    answers.push({ caller, what, text: `${JSON.stringify([...response.headers])} ${body}` });
    return body;
  };
  const ask = async (caller: Caller, query: string, variables: object = {}, accept = 'application/json') => {
    const response = await fetch(`${tapegraph.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${keyOf(caller)}`, cookie: sent.cookie },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await note(caller, query, response);
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
    return accept.includes('json') ? (JSON.parse(text) as any) : null;
  };

  const untilAll = async (what: string, check: () => Promise<boolean>) => {
    const endMs = performance.now() + 20_000;
    while (!(await check())) {
      if (performance.now() > endMs) throw new Error(`never: ${what}: ${answers.at(-1)?.text}\n${logged.join('')}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  await untilAll('agents of every source, and a file of two', async () => {
    const { data } = await ask(
      'everything',
      '{ agents(first: 100) { nodes { sourceName } } recordings(first: 100, filter: { states: [AVAILABLE] }) { nodes { sourceName } } calls { nodes { sourceName } } }',
    );
    const have = (list: 'agents' | 'recordings' | 'calls', ...names: string[]) =>
      names.every((name) => data[list].nodes.some(({ sourceName }: { sourceName: string }) => sourceName === name));
    return (
      have('agents', 'hq', 'mumbai', 'desk', 'greenbox') &&
      have('recordings', 'desk', 'greenbox') &&
      have('calls', 'hq', 'mumbai', 'desk', 'greenbox')
    );
  });

  /** By subscription, the id of its last event so far. */
  const lastIds = new Map<string, string>();
  const everyEvent = await connectSocket(`${tapegraph.url}/graphql`);
  everyEvent.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as SocketMessage;
    const id = eventIdIn(message);
    if (id !== null) lastIds.set(message.id!, id);
  });
  await everyEvent.init({ Authorization: `Bearer ${keyOf('everything')}` });
  const subscriptions = operations.filter(([, query]) => query.includes('subscription '));
  for (const [name, query] of subscriptions) everyEvent.subscribe(name, query, { after: '0' });
  for (const [query] of mutations(agentRefs[0]!).filter(([query]) => query.includes('Blackout')))
    await ask('everything', query, { input: { agent: agentRefs[0] } });
  await untilAll('an event of every subscription', async () => lastIds.size === subscriptions.length);

  /** Ids and what else the operations of the documentation want. */
  const variablesFor = (caller: Caller, ids: { agent: string; recording: string; command: string }, agent: object) => ({
    ref: agent,
    id: caller === 'everything' ? ids.recording : ids.command,
    representations: [
      { __typename: 'Agent', id: ids.agent },
      { __typename: 'Agent', sourceName: 'greenbox', externalId: '1' },
    ],
    startedAfter: '2020-01-01T00:00:00Z',
    first: 20,
    input: { agent },
  });

  const everyOperation = async (among = Object.keys(callers) as Caller[]) => {
    const found = await ask('everything', '{ agents { nodes { id } } recordings { nodes { id } } commands { nodes { id } } }');
    const first = (list: string): string => found.data?.[list]?.nodes[0]?.id ?? 'none';
    const ids = { agent: first('agents'), recording: first('recordings'), command: first('commands') };
    for (const caller of among) {
      for (const [name, query] of operations) {
        for (const agent of query.includes('$ref') || query.includes('$input') ? agentRefs : [agentRefs[0]!]) {
          const all: Record<string, unknown> = variablesFor(caller, ids, agent);
          const variables = Object.fromEntries(Object.entries(all).filter(([variable]) => query.includes(`$${variable}`)));
          if (!query.includes('subscription ')) await ask(caller, query, variables);
          else await watch(caller, name, query);
        }
      }
      const without = ['media', ...(caller === 'board' ? ['commands'] : [])];
      for (const { name, type } of Object.values(schema.getQueryType()!.getFields()).filter(({ name }) => lists.includes(name)))
        if (!without.includes(name)) await ask(caller, `{ ${name} ${wholeSelection(schema, type, 4, without)} }`);
      await ask(caller, '{ __schema { types { name } } }');
      for (const identifier of agentIdentifiers) {
        for (const { key } of agentRefs) {
          const value = identifier === 'EMAIL' ? sent.email : identifier === 'SIP_URI' ? `sip:${sent.email}` : sent.phone;
          await ask(caller, 'query ($key: AgentKey!) { agent(ref: { key: $key }) { id } }', { key: { ...key, identifier, value } });
        }
      }
    }
    for (const caller of among.filter((one) => one !== 'nothing'))
      for (const agent of agentRefs) for (const [query, input] of mutations(agent)) await ask(caller, query, { input });
  };

  /** All that a subscription has delivered, over WebSocket, and the first of it as server-sent events. */
  const watch = async (caller: Caller, name: string, query: string) => {
    const lastId = lastIds.get(name)!;
    const socket = await connectSocket(`${tapegraph.url}/graphql`);
    await socket.init({ Authorization: `Bearer ${keyOf(caller)}` });
    socket.subscribe('1', query, { after: '0' });
    for (let isOver = false; !isOver; ) {
      const message = await socket.next();
      const text = JSON.stringify(message);
      answers.push({ caller, what: name, text });
      const id = eventIdIn(message);
      assert.equal(id === null, caller === 'nothing', `${caller} by ${name}: ${text}`);
      isOver = id === null || id === lastId;
    }
    socket.close();
    const gone = new AbortController();
    const events = await fetch(`${tapegraph.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${keyOf(caller)}` },
      signal: gone.signal,
    });
    const { value } = await events.body!.getReader().read();
    answers.push({ caller, what: name, text: new TextDecoder().decode(value) });
    gone.abort();
  };

  const links: string[] = [];
  const everyLink = async () => {
    for (const caller of ['everything', 'auditor', 'board'] as const) {
      for (const format of ['ORIGINAL', 'WAV']) {
        const { data } = await ask(
          caller,
          `{ recordings(first: 20) { nodes { media(format: ${format}) { ... on RecordingMedia { url fileName } ... on Problem { code message } } } } }`,
        );
        for (const { media } of data?.recordings?.nodes ?? []) if (media?.url) links.push(media.url);
      }
    }
    const tampered = links.slice(0, 2).map((link) => `${link.slice(0, -4)}AAAA`);
    for (const link of [...links, ...tampered, `${tapegraph.url}/media/${sent.strangersKey}`])
      await note(null, 'media', await fetch(link, { signal: AbortSignal.timeout(20_000) }));
  };

  const everyHook = async () => {
    const basic = `Basic ${Buffer.from(`marked-tccc:${secrets.pushPassword}`).toString('base64')}`;
    const post = async (path: string, headers: Record<string, string>, body: string) =>
      note(null, path, await fetch(`${tapegraph.url}/hooks/${path}`, { method: 'POST', headers, body }));
    for (const body of [
      faultText,
      JSON.stringify({ SdkAppId: faultText }),
      JSON.stringify({ SessionId: faultText, Caller: [sent.phone] }),
    ]) {
      for (const action of ['cdr', 'record', 'voicemail', 'specifiedSeat', encodeURIComponent(sent.phone)]) {
        await post(`desk?action=${action}`, { authorization: basic }, body);
        await post(`desk?action=${action}`, { authorization: `Basic ${sent.strangersKey}` }, body);
      }
      for (const token of [secrets.serviceToken, sent.strangersKey]) {
        await post('pushed', { service_token: token }, body);
        const events = [
          { eventType: 'AgentEvent_Talking', workNo: '292', content: { callid: faultText, caller: [sent.phone] } },
          { eventType: 7, x: faultText },
          faultText,
        ];
        await post('pushed', { service_token: token }, JSON.stringify({ eventList: events }));
        await post('pushed', { service_token: token }, JSON.stringify({ workNo: sent.phone, eventList: [{ eventType: 'x' }] }));
      }
    }
  };

  const everyStranger = async () => {
    for (const path of ['/graphql?query={sources{name}}', '/metrics', '/health/ready', `/${sent.email}`, '/%', '//']) {
      const headers = { authorization: `Bearer ${sent.strangersKey}`, 'x-forwarded-for': '203.0.113.9', 'apollo-require-preflight': '1' };
      await note(null, path, await fetch(`${tapegraph.url}${path}`, { headers }));
    }
    const socket = await connectSocket(`${tapegraph.url}/graphql`);
    socket.send({ type: 'connection_init', payload: { Authorization: sent.strangersKey } });
    answers.push({ caller: null, what: 'refused init', text: JSON.stringify(await socket.closed) });
  };

  await everyOperation();
  await everyLink();
  await everyHook();
  await everyStranger();
  assert.ok(links.length > 0, 'no link was given: nothing of media was tried');
  assert.ok(vendors.foundOut().length > 4, 'the gateway gave out no session: the test would find none');
  const shown = answers.filter(({ caller }) => caller === 'everything').map(({ text }) => text);
  const missed = personal.filter((mark) => !inFaults.includes(mark) && !shown.some((text) => text.includes(mark)));
  const whole = answers.filter(({ caller, what }) => caller === 'board' && what.length > 1000 && what.startsWith('{'));
  assert.ok(whole.length > 0 && whole.every(({ text }) => !text.includes('"errors"')), 'a board receives all that it may see');
  assert.deepEqual(missed, [], 'marks that do not come through to whom they are for: the test would not find them');
  vendors.breakAll();
  await everyOperation(['everything', 'board']);
  await everyLink();
  vendors.babble();
  await everyOperation(['everything', 'board']);
  await vendors.kill();
  await everyOperation(['everything', 'board']);
  await everyLink();
  await close();

  const neverShown = [
    ...Object.values(secrets),
    ...vendors.foundOut(),
    ...Object.keys(callers).map((name) => keyOf(name as Caller)),
    sent.strangersKey,
    sent.cookie,
  ];
  const faults = new Set<string>();
  const tokens = links.map((link) => link.split('/media/')[1]!);
  for (const line of logged)
    for (const mark of [...neverShown, ...personal, ...tokens, 'desk.agent@', sent.email, '15166666666', '15177777777'])
      if (line.includes(mark)) faults.add(`logged: ${mark} in ${line.slice(0, 600)}`);
  for (const { caller, what, text } of answers) {
    const isError = /"errors"|"type":"error"/.test(text);
    const hidden = caller === 'everything' && !isError ? neverShown : [...neverShown, ...(caller === 'everything' ? [] : personal)];
    for (const mark of hidden)
      if (text.includes(mark))
        faults.add(
          `${caller} saw ${mark} by ${what.slice(0, 80)}: …${text.slice(Math.max(0, text.indexOf(mark) - 150), text.indexOf(mark) + 60)}`,
        );
  }
  const unexpected = logged.filter((line) => JSON.parse(line).level >= 50);
  assert.ok(logged.length > 0, 'nothing was logged: the log was not tried');
  assert.deepEqual([...faults].slice(0, 40), []);
  assert.deepEqual(unexpected.slice(0, 5), [], 'what a vendor or a client does is no bug of ours');
});
