/** The others, each started as a server of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Server, startServer } from './processes.ts';
import { freePort } from './vendor.ts';

const folder = new URL('./peers/', import.meta.url).pathname;

export const peerNames = ['limit', 'mercurius', 'tailcall', 'yoga', 'apollo', 'mesh', 'string'] as const;
export type PeerName = (typeof peerNames)[number];

export const installPeers = (): void => {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
};

const startTailcall = async (workFolder: string, vendorUrl: string): Promise<Server> => {
  const port = await freePort();
  const file = `${workFolder}/tailcall.graphql`;
  const text = readFileSync(`${folder}tailcall.graphql`, 'utf8').replace('port: 0', `port: ${port}`).replaceAll('VENDOR', vendorUrl);
  writeFileSync(file, text);
  const server = await startServer([`${folder}node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall`, 'start', file], {
    env: { TAILCALL_TRACKER: 'false', TAILCALL_LOG_LEVEL: 'info', NO_COLOR: '1' },
    ready: /(Tailcall launched)/,
  });
  return { ...server, url: `http://127.0.0.1:${port}` };
};

export const startPeer = (
  name: PeerName | 'broadcast' | 'catalogue',
  workFolder: string,
  vendorUrl: string,
  environment: Record<string, string> = {},
): Promise<Server> =>
  name === 'tailcall'
    ? startTailcall(workFolder, vendorUrl)
    : startServer([process.execPath, `${folder}${name}.mjs`], { cwd: folder, env: { VENDOR: vendorUrl, ...environment } });
