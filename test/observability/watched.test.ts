/** Dashboard and alert rules against the metrics that a running server really shows. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { installPackages } from '../support/packages.ts';

const read = (name: string) => readFileSync(new URL(`../../src/observability/${name}`, import.meta.url), 'utf8');

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string }[];
}
interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string };
}

const dashboard = JSON.parse(read('dashboard.json')) as { panels: Panel[]; templating: { list: { name: string }[] } };
const rules = (parse(read('alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

const functions = new Set(
  'sum max min absent by without rate increase delta histogram_quantile le and or unless on ignoring group_left group_right offset bool'.split(
    ' ',
  ),
);

/** Reads PromQL as far as to know its metrics, labels and brackets. */
const readExpression = (text: string): { metrics: string[]; labels: string[] } => {
  const metrics: string[] = [];
  const labels: string[] = [];
  const open: string[] = [];
  const plain = text.replace(/"[^"]*"/g, '""');
  for (const letter of plain) {
    if ('([{'.includes(letter)) open.push(letter);
    else if (')]}'.includes(letter)) assert.equal(open.pop(), '([{'[')]}'.indexOf(letter)], `brackets of ${text}`);
  }
  assert.deepEqual(open, [], `brackets of ${text}`);
  for (const [, list = ''] of plain.matchAll(/(?:\bby|\bwithout)\s*\(([^)]*)\)/g)) labels.push(...list.split(',').map((one) => one.trim()));
  for (const [, list = ''] of plain.matchAll(/\{([^}]*)\}/g)) {
    for (const one of list.split(',')) {
      const [, label] = /^\s*([a-z_]+)\s*(?:=~|!~|!=|=)\s*""\s*$/.exec(one) ?? [];
      assert.ok(label, `matcher ${one} of ${text}`);
      labels.push(label);
    }
  }
  const rest = plain.replace(/(?:\bby|\bwithout)\s*\([^)]*\)|\{[^}]*\}|\[[^\]]*\]/g, ' ');
  for (const [word] of rest.matchAll(/[a-z_][a-z0-9_]*/g)) if (!functions.has(word)) metrics.push(word);
  return { metrics, labels };
};

const promtool = (args: readonly string[], input = '') => {
  const cwd = new URL('../../', import.meta.url);
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

describe('what is watched', () => {
  let demo: RunningDemo;
  let text: string;
  let shown: Map<string, Set<string>>;
  let order: string[];
  before(async () => {
    demo = await startDemo();
    text = await (await fetch(`${demo.url}/metrics`)).text();
    order = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    shown = new Map();
    for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
      for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) shown.set(`${name}${suffix}`, new Set());
    }
    for (const [, name = '', list = ''] of text.matchAll(/^([a-z_0-9]+)\{([^}]*)\}/gm)) {
      for (const [, label = ''] of list.matchAll(/([a-z_]+)="/g)) shown.get(name)?.add(label);
    }
  });
  after(() => demo.close());

  const check = (expression: string) => {
    const { metrics } = readExpression(expression);
    assert.ok(metrics.length > 0, `${expression} names no metric`);
    for (const metric of metrics) assert.ok(shown.has(metric), `${metric} is not in /metrics, and ${expression} wants it`);
  };

  test('the figures of blackouts come first', () => {
    assert.deepEqual(order.slice(0, 6), [
      'tapegraph_blackout_confirm_seconds',
      'tapegraph_blackout_warnings_total',
      'tapegraph_blackouts_open',
      'tapegraph_blackouts_unconfirmed',
      'tapegraph_blackouts_over_deadline',
      'tapegraph_blackouts_stop_failing',
    ]);
  });

  test('every panel asks for metrics that there are, with labels that they bear', () => {
    const known = new Set(
      [...shown.values()]
        .flatMap((labels) => [...labels])
        .concat('instance', 'status', 'entity', 'warning', 'loader', 'outcome', 'state', 'confirmation'),
    );
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    for (const panel of dashboard.panels.filter(({ type }) => type !== 'row')) {
      assert.ok((panel.targets?.length ?? 0) > 0, panel.title);
      for (const { expr, legendFormat } of panel.targets!) {
        check(expr);
        const { labels } = readExpression(expr);
        for (const label of labels) assert.ok(label === 'le' || known.has(label), `${panel.title}: label ${label}`);
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          assert.ok(labels.includes(label), `${panel.title}: legend ${label}`);
        for (const [, name = ''] of expr.matchAll(/\$(\w+)/g))
          assert.ok(variables.has(name) || name === '__rate_interval', `${panel.title}: $${name}`);
      }
    }
  });

  test('panels have ids of their own and do not lie on each other', () => {
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.ok(!cells.has(`${x} ${y}`), `${title} lies on another`);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });

  test('every alert compares a metric that there is, and says what to do with whom', () => {
    assert.ok(rules.length >= 10);
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    for (const rule of rules) {
      check(rule.expr);
      assert.match(rule.expr, /(==|>|<)\s*[\d.]+$/, `${rule.alert} compares nothing`);
      assert.match(rule.for ?? '1m', /^\d+[smh]$/, rule.alert);
      assert.ok(['page', 'warn'].includes(rule.labels.severity), rule.alert);
      for (const [, label = ''] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
        const { labels } = readExpression(rule.expr);
        assert.ok(labels.includes(label) || label === 'instance', `${rule.alert} names ${label}, which its expression drops`);
      }
    }
  });

  installPackages(['prometheus']);
  const skip = promtool(['--version']).status === 0 ? false : 'there is no promtool; Debian\u2019s package prometheus brings it';
  test('promtool takes the rules, which fire when they should, and the metrics', { skip }, () => {
    for (const args of [
      ['check', 'rules', '--lint=all', '--lint-fatal', 'src/observability/alerts.yaml'],
      ['test', 'rules', 'test/observability/alerts.yaml'],
    ]) {
      const { status, said } = promtool(args);
      assert.equal(status, 0, said);
    }
    assert.deepEqual(promtool(['check', 'metrics'], text), { status: 0, said: '' });
  });
});
