import type { Browser } from 'playwright-core';
import { systemClock } from '../../src/lib/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { launchBrowser } from './browser.ts';
import { startConfigured } from './server.ts';
import { sha256 } from './sha256.ts';

/** A block of `sources:` for a simulated recorder that the wallboard shows. */
export const boardSource = ({ url, switches: { timeZone, dateOrder } }: UptivitySimulator, name = 'hq', pollSeconds = 1) => ({
  name,
  vendor: 'uptivity',
  baseUrl: url,
  auth: { type: 'none' },
  timeZone,
  dateOrder,
  pollSeconds,
  maxAgentBlackoutSeconds: 120,
});

interface BoardOptions {
  /** How many agents there are; their ids are counted from 1. */
  agents: number;
  /** Ids of those who are in a call. */
  inCall: readonly number[];
  /** By the name of a key that the server then wants: the key itself, and its scopes. */
  keys?: Readonly<Record<string, { key: string; scopes: readonly string[] }>>;
}

export interface Board {
  recorder: UptivitySimulator;
  server: Tapegraph;
  browser: Browser;
  close(): Promise<void>;
}

/** A recorder, the server in front of it with its pages, and a browser. */
export const startBoard = async ({ agents, inCall, keys }: BoardOptions): Promise<Board> => {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const recorder = await startUptivitySimulator({ clock: systemClock, agents });
    closing.push(recorder.close);
    for (const id of inCall) recorder.contactCenter.takeCall(recorder.agent(id), 'I');
    const apiKeys = Object.entries(keys ?? {}).map(([name, { key, scopes }]) => ({ name, keySha256: sha256(key), scopes }));
    const auth = keys === undefined ? {} : { auth: { mode: 'apiKeys', apiKeys } };
    const server = await startConfigured({ ...auth, sources: [boardSource(recorder)] });
    closing.push(() => server.close(1000));
    const browser = await launchBrowser();
    closing.push(() => browser.close());
    return { recorder, server, browser, close };
  } catch (error) {
    await close();
    throw error;
  }
};
