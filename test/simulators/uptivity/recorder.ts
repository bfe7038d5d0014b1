import { request } from 'node:http';
import type { TestContext } from 'node:test';
import { startUptivitySimulator, type UptivitySimulatorOptions } from '../../../src/simulators/uptivity/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

interface Answered {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** One exchange on a connection of its own, so that a restart between two breaks neither. */
const exchange = (method: string, url: string, headers: Record<string, string>, body?: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const sending = request(url, { method, headers, agent: false }, async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') });
      } catch (error) {
        reject(error);
      }
    });
    sending.on('error', reject).end(body);
  });

/** A simulator with plain ways to ask it, closed with the test. */
export const startRecorder = async (test: TestContext, options: Omit<UptivitySimulatorOptions, 'clock'> = {}) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, ...options });
  test.after(() => simulator.close());
  const ask = (method: string, path: string, body?: string, node = 0, headers: Record<string, string> = {}) =>
    exchange(method, `${simulator.urls[node]}${path}`, headers, body);
  return {
    clock,
    simulator,
    ask,
    get: (path: string) => ask('GET', path),
    /** The status alone. */
    post: async (path: string, body: unknown, node = 0) =>
      (await ask('POST', path, typeof body === 'string' ? body : JSON.stringify(body), node)).status,
  };
};
