import { isIPv6 } from 'node:net';
import { required } from './configured.ts';
import type { Command } from './options.ts';
import { assertCanStart } from './start-checks.ts';

export const checkConfig: Command = {
  summary: 'report everything that would prevent a start',
  details:
    'It reads the configuration and the files that it names, and checks that the port is free, and that the store and the broker\ncan be used. If something is wrong, the exit status is 1. It calls no vendor and leaves nothing behind. While a server runs, or if the\ndatabase cannot be reached, use --offline.',
  options: ['config', 'offline'],
  run: async (flags) => {
    const configuration = await required(flags);
    const { sources, server } = configuration;
    if (!flags.offline) await assertCanStart(configuration);
    const names = sources.map(({ settings }) => settings.name).join(', ');
    const count = `${sources.length} ${sources.length === 1 ? 'source' : 'sources'}`;
    process.stdout.write(
      `valid: ${count} (${names}), listening on ${isIPv6(server.host) ? `[${server.host}]` : server.host}:${server.port}\n`,
    );
  },
};
