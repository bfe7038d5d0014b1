/** A vendor's folder, and its simulator's, have the same file names as the others'. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createVendorContext } from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { harnesses } from './harnesses.ts';

const filesIn = (folder: string) => readdirSync(new URL(`../../src/${folder}/`, import.meta.url));

for (const module of vendorModules) {
  describe(module.type, () => {
    test('has a file for each thing that its source can do', async (t) => {
      const context = createVendorContext();
      const running = await harnesses[module.type]!.start(context.clock);
      t.after(() => running.simulator.close());
      const block = { name: 'one', vendor: module.type, ...running.settings(running.simulator.url) };
      const source = module.create(module.settings.parse(block), context);
      t.after(() => source.close());
      const parts = {
        'agents.ts': source.agents,
        'recordings.ts': source.recordings,
        'control.ts': source.control,
        'media.ts': source.media,
        'observer.ts': source.observer,
        'webhook.ts': source.webhook,
      };
      const present = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [name]));
      const files = filesIn(`vendors/${module.type}`);
      const wanted = ['index.ts', 'client.ts', 'wire.ts', 'mapping.ts', 'settings.ts', ...present];
      assert.deepEqual(
        wanted.filter((name) => !files.includes(name)),
        [],
      );
    });

    test('has a simulator of the same files, which starts by itself, is switched, and is active in the demo', () => {
      const files = filesIn(`simulators/${module.type}`);
      assert.deepEqual(
        ['index.ts', 'server.ts', 'api.ts', 'contact-center.ts', 'activity.ts', 'switches.ts'].filter((name) => !files.includes(name)),
        [],
      );
    });
  });
}
