import { stringify } from 'yaml';
import { type Command, UsageError, wholeNumber } from './options.ts';
import { untilSignal } from './until-signal.ts';

export const simulate: Command = {
  summary: 'run the simulated vendors alone and print a configuration for them',
  details:
    'Write the output to tapegraph.yaml and start the server in another terminal. With --port, the vendors use that port\nand the next ones, so that the configuration stays the same.',
  options: ['port', 'seed', 'server', 'json'],
  run: async (flags) => {
    const server = flags.server ?? 'http://127.0.0.1:4000';
    if (!/^https?:$/.test(URL.parse(server)?.protocol ?? '')) throw new UsageError('--server must be an http or https URL.');
    const { startSimulators } = await import('./demo.ts');
    const vendors = await startSimulators({
      seed: wholeNumber(flags, 'seed', { least: 0, most: 2 ** 31 }) ?? 1,
      port: wholeNumber(flags, 'port', { least: 1024, most: 65_000 }),
    });
    vendors.connect(server);
    untilSignal(vendors.close);
    const configuration = { sources: vendors.sources };
    process.stdout.write(flags.json ? `${JSON.stringify(configuration, null, 2)}\n` : stringify(configuration));
  },
};
