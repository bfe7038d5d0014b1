/** The demo behind a gateway, beside two other teams' subgraphs: `npm run gateway`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { composeSupergraph } from '../gateway/compose.ts';
import { startHiveGateway } from '../gateway/hive.ts';
import { crm } from '../gateway/neighbours/crm.ts';
import { quality } from '../gateway/neighbours/quality.ts';
import { startNeighbour } from '../gateway/neighbours/subgraph.ts';
import { startTapegraph } from '../main.ts';
import { createProcessLog } from '../observability/log.ts';
import { startDemo } from './demo.ts';
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
const file = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

const demo = await startDemo({ port: ports['demo-port'] });
const options = { log: createProcessLog('warn'), pagesDirectory: file('dist/web') };
const tapegraph = await startTapegraph(demo.configuration, options);
demo.connect(tapegraph.url);
const neighbours = await Promise.all([crm(), quality].map((one) => startNeighbour(one)));
const gateway = await startHiveGateway({
  supergraph: composeSupergraph([
    { name: 'tapegraph', url: `${tapegraph.url}/graphql`, sdl: readFileSync(file('schema/subgraph.graphql'), 'utf8') },
    ...neighbours,
  ]),
  streaming: 'tapegraph',
  port: ports.port,
});

const stop = async () => {
  setTimeout(() => process.exit(1), 10_000).unref();
  await gateway.close();
  await Promise.all(neighbours.map((one) => one.close()));
  await tapegraph.close(1000);
  await demo.close();
  process.exit(0);
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

process.stdout.write(`gateway ready at ${gateway.url}\n`);
