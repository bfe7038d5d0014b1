/** Vendors of this server with one mistake each, under the contract suite; run by mutants.test.ts, and never by itself. */
import type { AgentSnapshot } from '../../src/domain/model/observation.ts';
import type { VendorSource } from '../../src/domain/ports/vendor.ts';
import { ExpectedError, type VendorModule } from '../../src/vendors/kit/index.ts';
import { testVendor } from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { harnesses } from './harnesses.ts';

const never = new AbortController().signal;
const withAgents = (source: VendorSource, agents: Partial<VendorSource['agents']>): VendorSource => ({
  ...source,
  agents: { ...source.agents!, ...agents },
});

/** Every mistake with the vendor that makes it. */
const mistakes: Readonly<Record<string, readonly [vendor: string, make: (source: VendorSource) => VendorSource]>> = {
  'gives an empty agent for one that is unknown': [
    'uptivity',
    (source) =>
      withAgents(source, {
        byIdentifiers: async (lookups, signal) => {
          const found = await source.agents!.byIdentifiers(lookups, signal);
          return found.map((one, index): AgentSnapshot => one ?? { agent: lookups[index]!.value, observations: [] });
        },
      }),
  ],
  'throws for an agent that is unknown': [
    'uptivity',
    (source) =>
      withAgents(source, {
        byIdentifiers: async (lookups, signal) => {
          const found = await source.agents!.byIdentifiers(lookups, signal);
          if (found.includes(null)) throw new ExpectedError('NOT_FOUND', 'no such agent');
          return found;
        },
      }),
  ],
  'names an identifier that it does not find by': [
    'uptivity',
    (source) =>
      withAgents(source, {
        byIdentifiers: async (lookups, signal) => {
          const found = await source.agents!.byIdentifiers(lookups, signal);
          return found.map((one, index) => (lookups[index]!.identifier === 'PHONE' ? null : one));
        },
      }),
  ],
  'says a status that the schema lacks': [
    'uptivity',
    (source) =>
      withAgents(source, {
        list: async (signal) =>
          (await source.agents!.list(signal)).map((one) => ({
            ...one,
            observations: [...one.observations, { type: 'agent', agent: { externalId: one.agent, status: 'TALKING' as never } }],
          })),
      }),
  ],
  'has a command that nobody sends': [
    'uptivity',
    (source) => ({ ...source, control: { ...source.control, PAUSE_RECORDING: async () => ({}) } as never }),
  ],
  'does not say how long a blackout may last': ['uptivity', (source) => ({ ...source, maxAgentBlackoutMs: null })],
  'does not hand the signal of a command on': [
    'uptivity',
    (source) => ({ ...source, control: { START_RECORDING: (command) => source.control!.START_RECORDING!(command, never) } }),
  ],
  'says that it honours ranges': [
    'tencent',
    (source) => ({ ...source, media: { ranges: true, open: (recording, { signal }) => source.media!.open(recording, { signal }) } }),
  ],
};

for (const [what, [type, make]] of Object.entries(mistakes)) {
  const good = vendorModules.find((module) => module.type === type)!;
  const mutant: VendorModule = {
    ...good,
    type: what,
    settings: { parse: (block: object) => good.settings.parse({ ...block, vendor: type }) } as never,
    create: (settings, context) => make(good.create(settings, context)),
  };
  testVendor(mutant, harnesses[type]);
}
