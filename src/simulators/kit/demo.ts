import type { Clock } from '../../domain/ports/clock.ts';

/** A simulated vendor as the demo runs it. */
export interface DemoSource {
  /** The block of `sources:` that configures Tapegraph for it. */
  settings: Readonly<Record<string, unknown>> & { name: string; vendor: string };
  /** Called once the server listens, with its URL: pushes may begin. */
  connect?(serverUrl: string): void;
  close(): Promise<void>;
}

interface DemoOptions {
  clock: Clock;
  /** The same seed plays the same day. */
  seed: number;
  /** A free one when absent. */
  port?: number | undefined;
}

export interface DemoVendor {
  start(options: DemoOptions): Promise<DemoSource>;
}
