/** The command line: `tapegraph start | check-config | migrate | backup | audit verify | simulate`. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { commands, takesOperands, usage } from './commands/index.ts';
import { ConfigurationError } from './config/load.ts';

const { positionals, values } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        config: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        seed: { type: 'string' },
        to: { type: 'string' },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
})();

const [first = 'start', ...others] = positionals;
const name = takesOperands.has(first) ? first : [first, ...others].join(' ');
const command = commands[name];
if (values.help) process.stdout.write(usage);
else if (!command) {
  process.stderr.write(`tapegraph has no command "${name}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    await command({ ...values, operands: takesOperands.has(name) ? others : [] });
  } catch (error) {
    const expected =
      error instanceof ConfigurationError ||
      (error as Error).name === 'ExpectedError' ||
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    process.stderr.write(`${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(1);
  }
}
