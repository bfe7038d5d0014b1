/** Measures what an agent costs: many long polls in one process, the gateway in another. Prints a line a size. */
import { fork } from 'node:child_process';
import { systemClock } from '../../src/lib/clock.ts';
import { type HuaweiSimulator, startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { huawei } from '../../src/vendors/huawei/index.ts';
import { createObservingContext } from '../support/observing-context.ts';

const agents = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 30);
const callEverySeconds = 60;
const workNos = Array.from({ length: agents }, (_, index) => String(1001 + index));

const takeCalls = (simulator: HuaweiSimulator) => {
  for (const [index, workNo] of workNos.entries()) {
    const start = () => {
      if (simulator.sessions.has(workNo) && simulator.contactCenter.callsOf(workNo).length === 0) {
        const { callId } = simulator.contactCenter.ring(workNo);
        simulator.contactCenter.talk(workNo, callId);
        systemClock.after(10_000, () => simulator.contactCenter.release(workNo, callId));
      }
      systemClock.after(callEverySeconds * 1000, start);
    };
    systemClock.after((index * callEverySeconds * 1000) / agents, start);
  }
};

if (process.send) {
  const simulator = await startHuaweiSimulator({ clock: systemClock });
  for (const workNo of workNos) simulator.contactCenter.addAgent({ workNo, password: 'x' });
  takeCalls(simulator);
  process.send(simulator.url);
} else {
  const gateway = fork(import.meta.filename, process.argv.slice(2));
  const url = await new Promise<string>((resolve) => gateway.once('message', (message) => resolve(String(message))));
  const settings = huawei.settings.parse({
    name: 'bench',
    vendor: 'huawei',
    baseUrl: url,
    agents: workNos.map((id) => ({ id, password: 'x', phone: `4${id}` })),
  });
  const context = createObservingContext('bench', { clock: systemClock });
  const source = huawei.create(settings, context);
  const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  global.gc?.();
  const bareBytes = process.memoryUsage().rss;
  const stop = new AbortController();
  const watched = source.observer!.run(stop.signal);
  await rest(5_000);
  const before = process.cpuUsage();
  const batches = context.batches.length;
  await rest(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const reported = context.batches.length - batches;
  global.gc?.();
  const grownBytes = process.memoryUsage().rss - bareBytes;
  const cpuPercent = (user + system) / 10_000 / seconds;
  process.stdout.write(
    `${agents} agents, a call every ${callEverySeconds} s each: ${(cpuPercent).toFixed(1)} % of one core, ` +
      `${(cpuPercent / agents).toFixed(3)} % an agent; ${(grownBytes / 1024 / 1024).toFixed(0)} MB more than idle, ` +
      `${(grownBytes / 1024 / agents).toFixed(0)} kB an agent; ${(reported / seconds).toFixed(1)} batches/s; ${[...context.recordings.values()].length} recordings\n`,
  );
  stop.abort();
  await watched;
  await source.close();
  gateway.kill();
}
