/** The vendor behind everyone: an nginx that serves files. */
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Process, pinned } from './processes.ts';

export interface Vendor extends Process {
  url: string;
  /** Lets calls begin and end at the vendor, one change in 250 ms, while `work` goes on; then all is as at first. */
  alive<T>(work: () => Promise<T>): Promise<T>;
}

const guid = (number: number) => `f2376544-2542-47c0-be51-${String(number).padStart(12, '0')}`;

const wireCall = (number: number) => {
  const id = `fe0b6231-1ffcce90-${String(number).padStart(8, '0')}@10.100.6.20`;
  const recordings = number % 5 === 0 ? [number, number + 1000] : [number];
  return {
    CallInstance: id,
    Metadata: {
      deviceid: String(5000 + number),
      devicealias: '',
      gate: String(number % 12),
      ani: String(4_520_000_000 + number),
      dnis: '4000',
      user1: `u1-${8000 + number}`,
      user15: `u15-${1000 + number}`,
      callid: id,
      sgroup: '40',
      callinstance: id,
      calldirection: 'I',
      station: '',
      istrunk: '',
      sessionid: '',
      starttime: '12/08/2016 15:06:40',
      endtime: '12/08/2016 15:06:40',
      callsegmentid: '',
      keepdays: '-1',
      archiveaction: '-1',
    },
    CallState: 'OnCall',
    Recordings: recordings.map((recording) => ({
      RecordingIdentifier: guid(recording),
      IsDuplicate: recording > 1000,
      RecordingState: 'Recording',
      CallInstance: id,
    })),
    ScreenRecordings: [],
  };
};

/** How many of so many changes, one agent after the other, were this one's. */
const turnsOf = (index: number, count: number, changes: number) => Math.floor((changes + count - 1 - index) / count);

/** The call that an agent is in after so many changes: every other one ends it. */
const callAfter = (index: number, changes: number) => (changes % 2 === 1 ? null : wireCall(index + 1 + 10_000 * changes));

/** Agents in calls, as the vendor's own sample shows one. After each `change` another agent is in a new call, or in none. */
const wireAgents = (count: number, changes = 0) =>
  Array.from({ length: count }, (_, index) => ({
    AgentId: index + 1,
    BusinessUnit: 0,
    AgentPhone: String(5001 + index),
    SystemUsername: `system${index + 1}`,
    CrmUsername: '',
    ActiveCall: callAfter(index, turnsOf(index, count, changes)),
    InactiveCalls: [],
    Username: null,
    DeviceId: String(5001 + index),
    DeviceAlias: '',
    DesktopOnlySessions: [],
  }));

const officeAgents = Array.from({ length: 20 }, (_, index) => ({
  AgentId: index + 1,
  AgentName: `Agent ${index + 1}`,
  AgentLoggedIn: true,
}));

/** The five newest, newest first, after so many more have come. */
const officeRecordings = (agent: number, more: number) =>
  Array.from({ length: 5 }, (_, index) => {
    const number = 4 - index + more;
    const at = (minutes: number) => new Date(Date.UTC(2024, 4, 5, 8 + number, minutes)).toISOString().replace('Z', '1234Z');
    return {
      QueueId: 301,
      QueueName: 'Support',
      QueueCallId: agent * 100_000 + number,
      QueueCallType: 'QueueCall',
      Culture: 'da-DK',
      ConversationStartedUtc: at(11),
      ConversationEndedUtc: at(14),
      AgentName: `Agent ${agent}`,
      AgentId: agent,
      RecordingFileName: `${guid(agent * 100_000 + number)}.mp3`,
      Caller: `+45831234${String(agent).padStart(2, '0')}`,
    };
  });

/** Some 2 MB that begin as an MP3 does. */
const audio = Buffer.concat([Buffer.from('ID3\u0004\u0000\u0000\u0000\u0000\u0000\u0000', 'latin1'), Buffer.alloc(2_000_000, 0x55)]);

const configuration = (folder: string, port: number) => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=1000 inactive=1h; default_type application/json;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /status { stub_status; }
    location = /uptivity/api/Agent/GetAll { open_file_cache off; alias ${folder}/agents50.json; }
    location = /uptivity100/api/Agent/GetAll { open_file_cache off; alias ${folder}/agents100.json; }
    location = /uptivity/api/Agent { return 404; }
    location ~ ^/uptivity/api/[A-Za-z]+/[A-Za-z]+$ { return 200; }
    location = /mot/bench/agents { open_file_cache off; alias ${folder}/office.json; }
    location ~ ^/mot/bench/agents/id/(\\d+)/recordings$ { open_file_cache off; alias ${folder}/recordings$1.json; }
    location ~ ^/mot/bench/queues/calls/recordings/\\d+$ { default_type audio/mpeg; alias ${folder}/audio.mp3; }
    location / { return 404; }
  }
}`;

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export const startVendor = async (folder: string, core: number): Promise<Vendor> => {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const show = (changes: number) => {
    const answers = {
      agents50: wireAgents(50, changes),
      agents100: wireAgents(100, changes),
      office: officeAgents,
      ...Object.fromEntries(
        officeAgents.map(({ AgentId }, index) => [`recordings${AgentId}`, officeRecordings(AgentId, turnsOf(index, 20, changes))]),
      ),
    };
    for (const [name, answer] of Object.entries(answers)) {
      writeFileSync(`${folder}/next.json`, JSON.stringify(answer));
      renameSync(`${folder}/next.json`, `${folder}/${name}.json`);
    }
  };
  show(0);
  writeFileSync(`${folder}/audio.mp3`, audio);
  writeFileSync(`${folder}/nginx.conf`, configuration(folder, port));
  const child = spawn('taskset', pinned(core, 'nginx', '-c', `${folder}/nginx.conf`), { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    try {
      await (await fetch(`${url}/status`)).text();
      break;
    } catch (error) {
      if (tries > 100 || child.exitCode !== null) throw new Error('nginx does not start: apt-get install nginx-light', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    url,
    pid: child.pid!,
    alive: async (work) => {
      let changes = 0;
      const calls = setInterval(() => {
        changes += 1;
        show(changes);
      }, 250);
      try {
        return await work();
      } finally {
        clearInterval(calls);
        show(0);
      }
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
};
