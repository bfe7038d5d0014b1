import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readConfiguration } from '../../src/config/load.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { sha256 } from '../support/sha256.ts';

/** Merge keys are how the file says "as the other server". */
const compose = parse(readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8'), { merge: true });

/** As compose reads it: `$$` is a dollar, and everything else stands as it is. */
const unescaped = (text: string): string => text.replaceAll('$$', '$');

test('compose.yaml starts two servers, PostgreSQL and RabbitMQ behind a proxy', () => {
  const { one, two, proxy, database, broker } = compose.services;
  assert.match(database.image, /^postgres:\d+/);
  assert.match(broker.image, /^rabbitmq:\d+/);
  for (const server of [one, two]) {
    assert.equal(server.build, '.');
    assert.deepEqual(server.depends_on, { database: { condition: 'service_healthy' }, broker: { condition: 'service_healthy' } });
  }
  assert.ok(database.healthcheck && broker.healthcheck);
  assert.notEqual(one.environment.SERVER_NAME, two.environment.SERVER_NAME);
  assert.deepEqual({ ...one.environment, SERVER_NAME: '' }, { ...two.environment, SERVER_NAME: '' });
  assert.match(compose.configs.proxy.content, /reverse_proxy one:4000 two:4000 \{[^}]*health_uri \/health\/ready/s);
  assert.deepEqual(proxy.depends_on, ['one', 'two']);
  for (const { source } of [...one.configs, ...proxy.configs]) assert.ok(compose.configs[source], `config ${source}`);
  for (const [name, { volumes = [] }] of Object.entries<{ volumes?: string[] }>(compose.services)) {
    for (const volume of volumes) assert.ok(volume.split(':')[0]! in compose.volumes, `volume of ${name}`);
  }
});

test('its configuration is one that the server takes, with the services that it names', () => {
  const text = unescaped(compose.configs.tapegraph.content);
  const named = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]!));
  const { environment } = compose.services.one;
  const values = Object.fromEntries([...named].map((name) => [name, `${name in environment ? 'given-by-compose' : ''}`]));
  assert.ok(
    [...named].every((name) => name in environment),
    [...named].join(),
  );
  const configuration = readConfiguration(parse(text), { modules: vendorModules, environment: values, where: 'compose.yaml' });
  assert.equal(new URL(configuration.store.url).hostname in compose.services, true);
  assert.equal(new URL(configuration.bus.url).hostname in compose.services, true);
  assert.equal(configuration.server.name, 'given-by-compose');
  assert.ok(configuration.auth.mode === 'apiKeys');
  assert.equal(configuration.auth.apiKeys[0]?.keySha256, sha256('foo'));
  assert.ok(compose.services.proxy.ports.some((port: string) => port.endsWith(':4000')));
});
