/** The program of `npm run gateway`. It reads its options before it loads what takes seconds to load. */
import { parseArgs } from 'node:util';
import { assertCanListen, StartError } from './start-errors.ts';

const refuse = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** The ports of the command line; ends the program where it cannot be read. */
const givenPorts = () => {
  const usage = 'The options of this command are --port and --demo-port, for example npm run gateway -- --port 4200 --demo-port 4201';
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string', default: '4100' }, 'demo-port': { type: 'string', default: '4000' } },
    });
    const ports = { port: Number(values.port), 'demo-port': Number(values['demo-port']) };
    for (const [option, port] of Object.entries(ports))
      if (!Number.isInteger(port) || port < 0 || port > 65_535) refuse(`--${option} must be a number from 0 to 65535.\n${usage}`);
    if (ports.port !== 0 && ports.port === ports['demo-port']) refuse(`--port and --demo-port must differ.\n${usage}`);
    return ports;
  } catch (error) {
    return refuse(`${(error as Error).message}\n${usage}`);
  }
};

const ports = givenPorts();
for (const [option, port] of Object.entries(ports)) {
  try {
    await assertCanListen('127.0.0.1', port);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const free = [port + 1, port + 2].find((one) => !Object.values(ports).includes(one));
    refuse(`${error.message}\nThe option of this command is --${option}, for example npm run gateway -- --${option} ${free}`);
  }
}
const { runGatewayDemo } = await import('./gateway-demo.ts');
await runGatewayDemo(ports);
