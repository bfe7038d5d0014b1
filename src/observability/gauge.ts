import { Gauge, type Registry } from 'prom-client';

type SetValue = (labels: Record<string, string>, value: number) => void;

/** Adds a figure that is read when it is asked for. */
export const addGauge = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  collect: (set: SetValue) => void | Promise<void>,
): void => {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      this.reset();
      await collect((labels, value) => this.set(labels, value));
    },
  });
};
