/** A server to be killed: writes without end and prints each number once the store has acknowledged it. */
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { agent, event } from './stores.ts';

const store = await openStore(process.argv[2]!, { clock: systemClock, ids: randomIds });
let next = 0;
const work = async (): Promise<void> => {
  for (;;) {
    const number = next++;
    await store.transaction(async (open) => {
      await open.agents.put([agent(String(number))]);
      await open.events.append([event(String(number))]);
      await open.audit.append([{ at: '2026-01-05T09:00:00.000Z', actor: 'writer', action: 'wrote', subject: { number } }]);
    });
    process.stdout.write(`${number}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, work));
