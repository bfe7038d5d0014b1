/** `npm run soak -- --minutes N --seed S` */
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string', default: String(Date.now() % 100_000) } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0)) throw new Error('Give --minutes a number above 0.');
process.stdout.write(`${minutes} minutes with seed ${seed}\n`);
const report = await soak({ ms: minutes * 60_000, seed, progress: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exit(0);
