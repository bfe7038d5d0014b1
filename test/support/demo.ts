import { fileURLToPath } from 'node:url';
import { type DemoSettings, startDemo as startSimulators } from '../../src/cli/demo.ts';
import { startTapegraph } from '../../src/main.ts';
import { createListLog } from './list-log.ts';

export interface RunningDemo {
  url: string;
  /** Every line logged so far. */
  logged: readonly { level: string; message: string; fields?: Readonly<Record<string, unknown>> | undefined }[];
  close(): Promise<void>;
}

/** The whole product with its four simulated vendors, on a free port, with the pages as last built. */
export const startDemo = async ({ isDemo = false, ...settings }: DemoSettings & { isDemo?: boolean } = {}): Promise<RunningDemo> => {
  const simulators = await startSimulators({ port: 0, ...settings });
  const { log, lines } = createListLog();
  const pagesDirectory = fileURLToPath(new URL('../../dist/web', import.meta.url));
  const tapegraph = await startTapegraph(simulators.configuration, { log, pagesDirectory, isDemo });
  simulators.connect(tapegraph.url);
  return {
    url: tapegraph.url,
    logged: lines,
    close: async () => {
      await tapegraph.close(1000);
      await simulators.close();
    },
  };
};
