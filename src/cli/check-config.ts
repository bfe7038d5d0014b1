import { required } from './configured.ts';
import type { Command } from './options.ts';
import { assertCanStart } from './start-checks.ts';

export const checkConfig: Command = {
  summary: 'tell everything that would keep a server from starting',
  details:
    'It reads the configuration and the files that it names, and asks whether the port is free, the store can be written to and the broker\nanswers. It ends with 1 where something is wrong. No vendor is asked and nothing is written. Beside a server that runs, whose port\nis taken, and where the database cannot be reached, use --offline.',
  options: ['config', 'offline'],
  run: async (flags) => {
    const configuration = await required(flags);
    const { sources, server } = configuration;
    if (!flags.offline) await assertCanStart(configuration);
    const names = sources.map(({ settings }) => settings.name).join(', ');
    const count = `${sources.length} ${sources.length === 1 ? 'source' : 'sources'}`;
    process.stdout.write(`good: ${count} (${names}), listening on ${server.host}:${server.port}\n`);
  },
};
