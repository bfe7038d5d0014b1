import { testVendor } from 'tapegraph/vendor-kit/testing';
import { acme } from './index.js';
import { startAcmeSimulator } from './simulator.js';

testVendor(acme, {
  start: async () => ({
    simulator: await startAcmeSimulator('acme-key'),
    agent: '1',
    settings: (baseUrl) => ({ baseUrl, apiKey: 'acme-key' }),
    recording: { externalId: 'r1' },
    plays: true,
  }),
});
