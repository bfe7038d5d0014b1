import { Gauge, type Registry } from 'prom-client';

type SetValue = (labels: Record<string, string>, value: number) => void;

interface Figure {
  name: string;
  help: string;
  labelNames?: string[];
}

/** Adds a figure that is read when it is asked for. */
export const addGauge = (registry: Registry, figure: Figure, collect: (set: SetValue) => void | Promise<void>): void => {
  new Gauge({
    ...figure,
    registers: [registry],
    async collect() {
      this.reset();
      await collect((labels, value) => this.set(labels, value));
    },
  });
};
