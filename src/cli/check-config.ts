import { required } from './configured.ts';
import type { Command } from './options.ts';
import { assertCanStart } from './start-checks.ts';

export const checkConfig: Command = {
  summary: 'report everything that would prevent a start',
  details:
    'It reads the configuration and the files that it names, and checks that the port is free, that the store accepts writes and that the\nbroker answers. If something is wrong, the exit status is 1. It calls no vendor and writes nothing. While a server runs, or if the\ndatabase cannot be reached, use --offline.',
  options: ['config', 'offline'],
  run: async (flags) => {
    const configuration = await required(flags);
    const { sources, server } = configuration;
    if (!flags.offline) await assertCanStart(configuration);
    const names = sources.map(({ settings }) => settings.name).join(', ');
    const count = `${sources.length} ${sources.length === 1 ? 'source' : 'sources'}`;
    process.stdout.write(`valid: ${count} (${names}), listening on ${server.host}:${server.port}\n`);
  },
};
