/** The four simulated vendors, with people, numbers, links and secrets that can be recognised wherever they turn up. */
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { sampleAgent, startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { requireEveryVendor } from '../vendors/every-vendor.ts';
import { simulatedAgent } from '../vendors/miralix/fixture.ts';

/** Lists what no answer to any caller and no log line may hold. */
export const secrets = {
  uptivityPassword: 'marked-uptivity-password',
  uptivityBasic: Buffer.from('marked-user:marked-uptivity-password').toString('base64'),
  huaweiPassword: 'marked-291',
  serviceToken: 'marked-service-token',
  secretId: 'AKIDmarkedsecretid',
  secretKey: 'marked-secret-key',
  pushPassword: 'marked-push-password',
  pushBasic: Buffer.from('marked-tccc:marked-push-password').toString('base64'),
  sharedSecret: 'marked-shared-secret',
  signingKey: 'marked-signing-key-0123456789',
  vendorsSignedLink: '/tcccadmin/',
  vendorsObject: '/def/month',
  fault: 'marked-secret-in-a-fault',
} as const;

/** Of `personal`, what stands in the vendors' errors alone. */
export const inFaults = ['fault.mail@secret.example', '4915155555555'];

/** Lists what only callers with `pii:read` may see, and no log line may hold. */
export const personal = [
  '4915111111111',
  'marked.login@secret.example',
  'Markedalias',
  '4111111111111111',
  '4915122222222',
  '40038555',
  'Markedhuawei',
  '18618666666',
  '9000777777',
  'Markedtencent',
  '15144444444',
  'marked.mail@secret.example',
  'Markedforename',
  'Markedsurname',
  ...inFaults,
];

/** In a vendor's error: everything that a careless message would pass on. */
export const faultText = `session 2b9f0c2e-6f0b-4e7e-9a55-0c8a2f1b7d10 of fault.mail@secret.example (+4915155555555): https://recorder.secret.example/a?sign=${secrets.fault}`;

export const startMarkedVendors = async (test: TestContext) => {
  const clock = systemClock;
  const caller = {
    ...sampleAgent(),
    AgentPhone: '4915111111111',
    SystemUsername: 'marked.login@secret.example',
    DeviceAlias: 'Markedalias',
    DeviceId: '4915111111111',
  };
  caller.ActiveCall!.Metadata.ani = '4915111111111';
  caller.ActiveCall!.Metadata.user1 = 'card 4111111111111111';
  const credentials = { username: 'marked-user', password: secrets.uptivityPassword };
  const uptivity = await startUptivitySimulator({ clock, agents: [caller], credentials });

  const huawei = await startHuaweiSimulator({ clock, switches: { recordDelayMs: 20, fileDelayMs: 50 } });
  huawei.contactCenter.addAgent({ workNo: '291', password: secrets.huaweiPassword, name: 'Markedhuawei' });

  const tencent = await startTencentSimulator({
    clock,
    secretId: secrets.secretId,
    secretKey: secrets.secretKey,
    switches: { pushedLinks: 'signed' },
    agents: [{ mail: 'desk.agent@secret.example', name: 'Markedtencent', nick: 'Markedtencent', phone: '00869000777777' }],
  });
  const miralix = await startMiralixSimulator({ clock, sharedSecret: secrets.sharedSecret });
  miralix.contactCenter.queues.set(301, 'Support');
  miralix.contactCenter.addAgent(
    simulatedAgent(1, {
      forename: 'Markedforename',
      surname: 'Markedsurname',
      email: 'marked.mail@secret.example',
    }),
  );
  for (const simulator of [uptivity, huawei, tencent, miralix]) test.after(simulator.close);

  const circuit = { failures: 1000 };
  const huaweiAgents = [{ id: '291', password: secrets.huaweiPassword, phone: '40038555', name: 'Markedhuawei' }];
  const auth = { type: 'basic', username: 'marked-tccc', password: secrets.pushPassword } as const;
  const timing = { circuit, timeoutSeconds: 2, maxStalenessSeconds: 0 };
  const sources = [
    {
      ...timing,
      name: 'hq',
      vendor: 'uptivity',
      baseUrl: uptivity.url,
      auth: { type: 'basic', ...credentials },
      timeZone: 'America/New_York',
      pollSeconds: 0.2,
    },
    { ...timing, name: 'mumbai', vendor: 'huawei', baseUrl: huawei.url, agents: huaweiAgents },
    {
      ...timing,
      name: 'pushed',
      vendor: 'huawei',
      baseUrl: huawei.url,
      agents: [{ id: '292', password: secrets.huaweiPassword, phone: '40038555' }],
      events: 'push',
      callbackUrl: 'http://127.0.0.1:1/hooks/pushed',
      serviceToken: secrets.serviceToken,
      signInAtStart: false,
    },
    {
      ...timing,
      name: 'desk',
      vendor: 'tencent',
      sdkAppId: tencent.sdkAppId,
      push: { auth },
      api: { endpoint: tencent.url, secretId: secrets.secretId, secretKey: secrets.secretKey, pollSeconds: 1 },
      mediaHosts: [tencent.mediaHost],
    },
    {
      ...timing,
      name: 'greenbox',
      vendor: 'miralix',
      baseUrl: miralix.url,
      account: miralix.account,
      sharedSecret: secrets.sharedSecret,
      version: '7.2',
      pollSeconds: 0.2,
    },
  ];
  requireEveryVendor(
    sources.map(({ vendor }) => vendor),
    'a marked vendor of test/security/marked-vendors.ts',
  );
  return {
    sources,
    /** Returns what the vendors gave out meanwhile, and what leads to them: the gateway's sessions and the hosts. */
    foundOut: (): string[] => {
      const guids = huawei.requests.flatMap(({ headers }) => String(headers.guid ?? '').replace('JSESSIONID=', ''));
      return [
        ...new Set([...guids.filter((guid) => guid !== ''), ...[uptivity, huawei, tencent, miralix].map(({ url }) => new URL(url).host)]),
      ];
    },
    connect: (serverUrl: string) => tencent.pusher.pushTo({ url: `${serverUrl}/hooks/desk`, auth }),
    /** A call at every vendor, to its end where a recording comes of that. */
    makeCalls: () => {
      const [agent] = [...tencent.contactCenter.agents.values()];
      const call = tencent.contactCenter.startCall({ direction: 0, caller: '008618618666666', callee: '00869000777777' });
      tencent.contactCenter.ring(call, agent!);
      tencent.contactCenter.answer(call);
      call.start -= 10;
      tencent.contactCenter.hangUp(call);
      miralix.contactCenter.offer(1, { queueId: 301, caller: '+4915144444444' });
      miralix.contactCenter.answer(1);
      miralix.contactCenter.clear(1);
      miralix.contactCenter.offer(1, { queueId: 301, caller: '+4915144444444' });
      miralix.contactCenter.answer(1);
      const ringing = huawei.contactCenter.ring('291', { caller: '4915122222222' });
      huawei.contactCenter.talk('291', ringing.callId);
    },
    /** Every vendor answers with an error that holds all that it knows. */
    breakAll: () => {
      uptivity.inject({ fault: { kind: 'status', status: 500, body: JSON.stringify({ Message: faultText }) } });
      for (const operation of new Set(huawei.requests.map((request) => request.operation)))
        huawei.failNext(operation, { status: 500, body: JSON.stringify({ message: faultText, retcode: '999-999' }) }, { times: 1000 });
      tencent.breakWith({
        status: 200,
        contentType: 'application/json',
        body: JSON.stringify({ Response: { Error: { Code: `InternalError.${faultText}`, Message: faultText }, RequestId: 'r' } }),
      });
      miralix.faults.push({ matches: /./, fault: { kind: 'status', status: 500, body: faultText } });
    },
    /** Every vendor answers with something that is no answer. */
    babble: () => {
      uptivity.clearFaults();
      uptivity.inject({ fault: { kind: 'body', body: `[{"AgentId": {"${faultText}": 1}}, "${faultText}"]` } });
      tencent.breakWith({ status: 200, contentType: 'text/html', body: faultText });
      for (const operation of new Set(huawei.requests.map((request) => request.operation)))
        huawei.failNext(operation, { status: 200, body: JSON.stringify({ message: faultText, retcode: faultText }) }, { times: 1000 });
      miralix.faults.length = 0;
      miralix.faults.push({ matches: /./, fault: { kind: 'body', body: `[{"AgentId":{"x":"${faultText}"}}]` } });
    },
    kill: () => Promise.all([uptivity, huawei, tencent, miralix].map((simulator) => simulator.close())),
  };
};
