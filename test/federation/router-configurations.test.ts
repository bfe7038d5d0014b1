/**
 * The documented configurations of routers that no registry ships a schema of. The keys below were written from the routers' documentation:
 * Apollo Router 2 (headers, authorization, subscriptions) and Cosmo's router (configuration, authentication). Each wants a strict file, so
 * a key that is misspelt or misplaced is one that the router refuses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { namedSnippets } from '../suites/snippets.ts';

const documented = namedSnippets('src/docs/federation.md');

const passthrough = z.strictObject({
  subgraphs: z.record(
    z.string(),
    z.strictObject({ path: z.string().startsWith('/').optional(), protocol: z.literal('graphql_ws').optional() }),
  ),
});

const callback = z.strictObject({
  public_url: z.url(),
  listen: z.string().regex(/^[\d.]+:\d+$/),
  path: z.string().startsWith('/'),
  subgraphs: z.array(z.string()),
});

const apolloRouter = z.strictObject({
  headers: z
    .strictObject({ all: z.strictObject({ request: z.array(z.strictObject({ propagate: z.strictObject({ named: z.string() }) })) }) })
    .optional(),
  authorization: z.strictObject({ directives: z.strictObject({ enabled: z.boolean() }) }).optional(),
  subscription: z
    .strictObject({
      enabled: z.boolean(),
      mode: z.strictObject({ passthrough: passthrough.optional(), callback: callback.optional() }),
    })
    .optional(),
});

const cosmoRouter = z.strictObject({
  version: z.literal('1').optional(),
  execution_config: z.strictObject({ file: z.strictObject({ path: z.string() }) }).optional(),
  headers: z
    .strictObject({
      all: z.strictObject({ request: z.array(z.strictObject({ op: z.literal('propagate'), named: z.string() })) }),
    })
    .optional(),
  authentication: z.strictObject({ jwt: z.strictObject({ jwks: z.array(z.strictObject({ url: z.url() })) }) }).optional(),
  websocket: z
    .strictObject({ authentication: z.strictObject({ from_initial_payload: z.strictObject({ enabled: z.boolean() }) }) })
    .optional(),
});

for (const [file, schema] of [
  ['router.yaml', apolloRouter],
  ['callbacks.yaml', apolloRouter],
  ['config.yaml', cosmoRouter],
  ['jwt.yaml', cosmoRouter],
] as const)
  test(`the documented ${file} has the keys that its router takes`, () => {
    const text = documented.get(file);
    assert.ok(text, `src/docs/federation.md has no block that opens with ${file}`);
    assert.deepEqual(schema.safeParse(parse(text)).error?.issues ?? [], []);
  });
