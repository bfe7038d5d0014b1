/** The demo behind a gateway, beside two other teams' subgraphs. */
import { readFileSync } from 'node:fs';
import { composeSupergraph } from '../gateway/compose.ts';
import { startHiveGateway } from '../gateway/hive.ts';
import { crm } from '../gateway/neighbours/crm.ts';
import { quality } from '../gateway/neighbours/quality.ts';
import { startNeighbour } from '../gateway/neighbours/subgraph.ts';
import { startTapegraph } from '../main.ts';
import { createProcessLog } from '../observability/log.ts';
import { startDemo } from './demo.ts';

const file = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

/** Runs until a signal ends the process; prints the gateway's address once it answers. */
export const runGatewayDemo = async (ports: { port: number; 'demo-port': number }): Promise<void> => {
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
};
