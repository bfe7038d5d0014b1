/** The vendor behind everyone: an nginx that serves files, and counts what it is asked. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Process, pinned } from './processes.ts';

export interface Vendor extends Process {
  url: string;
  /** Requests answered so far. */
  asked(): Promise<number>;
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

/** Agents in calls, as the vendor's own sample shows one. */
const wireAgents = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    AgentId: index + 1,
    BusinessUnit: 0,
    AgentPhone: String(5001 + index),
    SystemUsername: `system${index + 1}`,
    CrmUsername: '',
    ActiveCall: wireCall(index + 1),
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

const officeRecordings = (agent: number) =>
  Array.from({ length: 5 }, (_, index) => ({
    QueueId: 301,
    QueueName: 'Support',
    QueueCallId: agent * 100 + 5 - index,
    QueueCallType: 'QueueCall',
    Culture: 'da-DK',
    ConversationStartedUtc: `2024-05-0${9 - index}T08:11:05.1234567Z`,
    ConversationEndedUtc: `2024-05-0${9 - index}T08:14:20.7654321Z`,
    AgentName: `Agent ${agent}`,
    AgentId: agent,
    RecordingFileName: `${guid(agent * 100 + index)}.mp3`,
    Caller: `+45831234${String(agent).padStart(2, '0')}`,
  }));

/** Some 2 MB that begin as an MP3 does. */
const audio = Buffer.concat([Buffer.from('ID3\u0004\u0000\u0000\u0000\u0000\u0000\u0000', 'latin1'), Buffer.alloc(2_000_000, 0x55)]);

/**
 * The same answer in several spellings, by the white space at its end, one of them at random each time: an answer that is word
 * for word the one before need not be read anew, and nobody is to win by that here.
 */
const spellings = Array.from({ length: 10 }, (_, index) => index);

const configuration = (folder: string, port: number) => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=1000 inactive=1h; default_type application/json;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  split_clients "$request_id" $spelling { ${spellings.map((spelling, index) => `${index === spellings.length - 1 ? '*' : `${(100 / spellings.length).toFixed(1)}%`} ${spelling};`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location = /status { stub_status; }
    location = /uptivity/api/Agent/GetAll { alias ${folder}/agents50-$spelling.json; }
    location = /uptivity100/api/Agent/GetAll { alias ${folder}/agents100-$spelling.json; }
    location = /uptivity/api/Agent { return 404; }
    location ~ ^/uptivity/api/[A-Za-z]+/[A-Za-z]+$ { return 200; }
    location = /mot/bench/agents { alias ${folder}/office.json; }
    location ~ ^/mot/bench/agents/id/(\\d+)/recordings$ { alias ${folder}/recordings$1.json; }
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
  for (const spelling of spellings) {
    writeFileSync(`${folder}/agents50-${spelling}.json`, JSON.stringify(wireAgents(50)) + ' '.repeat(spelling));
    writeFileSync(`${folder}/agents100-${spelling}.json`, JSON.stringify(wireAgents(100)) + ' '.repeat(spelling));
  }
  writeFileSync(`${folder}/office.json`, JSON.stringify(officeAgents));
  for (const { AgentId } of officeAgents) writeFileSync(`${folder}/recordings${AgentId}.json`, JSON.stringify(officeRecordings(AgentId)));
  writeFileSync(`${folder}/audio.mp3`, audio);
  writeFileSync(`${folder}/nginx.conf`, configuration(folder, port));
  const child = spawn('taskset', pinned(core, 'nginx', '-c', `${folder}/nginx.conf`), { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  const status = () => fetch(`${url}/status`).then((response) => response.text());
  for (let tries = 0; ; tries += 1) {
    try {
      await status();
      break;
    } catch (error) {
      if (tries > 100 || child.exitCode !== null) throw new Error('nginx does not start: apt-get install nginx-light', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    url,
    pid: child.pid!,
    asked: async () => Number(/\n\s*\d+ \d+ (\d+)/.exec(await status())![1]),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
};
