/** The manifests fit together, and what the server does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';

const text = readFileSync(new URL('../../src/deploy/kubernetes.yaml', import.meta.url), 'utf8');
const manifests = parseAllDocuments(text).map((document) => document.toJS());
const of = (kind: string) => manifests.find((one) => one.kind === kind);
const { spec } = of('Deployment').spec.template;
const [container] = spec.containers;

/** How long the server takes to stop at most. */
const stopSeconds = 10;

test('the probes ask what the server answers, and a start may take as long as a migration', () => {
  const paths = ['readinessProbe', 'livenessProbe', 'startupProbe'].map((probe) => container[probe].httpGet);
  assert.deepEqual(
    paths,
    ['/health/ready', '/health/live', '/health/live'].map((path) => ({ path, port: 'http' })),
  );
  assert.ok(container.startupProbe.periodSeconds * container.startupProbe.failureThreshold >= 60);
});

test('budget, service and deployment select the same pods, and one stays while others are moved', () => {
  const { labels } = of('Deployment').spec.template.metadata;
  assert.deepEqual(of('PodDisruptionBudget').spec.selector.matchLabels, labels);
  assert.deepEqual(of('Deployment').spec.selector.matchLabels, labels);
  assert.deepEqual(of('Service').spec.selector, labels);
  assert.ok(of('PodDisruptionBudget').spec.minAvailable < of('Deployment').spec.replicas);
  assert.equal(of('Service').spec.ports[0].targetPort, container.ports[0].name);
});

test('a pod has the time that it needs to end, and no rights that it does not need', () => {
  assert.ok(spec.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + stopSeconds);
  assert.equal(spec.securityContext.runAsNonRoot, true);
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
  assert.deepEqual([allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities.drop], [false, true, ['ALL']]);
  const mounted = container.volumeMounts.map(({ name }: { name: string }) => name);
  assert.deepEqual(mounted.sort(), spec.volumes.map(({ name }: { name: string }) => name).sort());
});
