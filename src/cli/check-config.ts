import { required } from './configured.ts';
import type { Command } from './options.ts';

export const checkConfig: Command = {
  summary: 'read the configuration and tell every fault in it',
  details: 'It ends with 1 where there is a fault. No vendor is asked and nothing is written.',
  options: ['config'],
  run: async (flags) => {
    const { sources, server } = await required(flags);
    const names = sources.map(({ settings }) => settings.name).join(', ');
    const count = `${sources.length} ${sources.length === 1 ? 'source' : 'sources'}`;
    process.stdout.write(`good: ${count} (${names}), listening on ${server.host}:${server.port}\n`);
  },
};
