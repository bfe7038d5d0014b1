/** Runs the contract suite on vendors with one mistake each: a suite that finds none would pass as well. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the contract suite finds each mistake, and says what to do', { timeout: 120_000 }, () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const mutants = fileURLToPath(new URL('mutants.ts', import.meta.url));
  const without = '--test-skip-pattern=/hangs|every fault|broke off|answers in|several agents/';
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=tap', without, mutants], {
    env,
    encoding: 'utf8',
  });
  const found: Record<string, string> = {};
  for (const [, what, body] of stdout.matchAll(/^# Subtest: (.*) keeps the contract of a vendor\n([\s\S]*?)^(?:not )?ok /gm)) {
    const faults = [...body!.matchAll(/^ +error: (?:'(.*)'|\|-\n +(.*))$/gm)].map((match) => match[1] ?? match[2]!);
    found[what!] = faults.join('; ');
  }
  const words = { lacks: /^agent\.status is "TALKING", and may be one of OFFLINE, / };
  assert.deepEqual(
    Object.fromEntries(Object.entries(found).map(([what, fault]) => [what, words.lacks.test(fault) ? 'agent.status' : fault])),
    {
      'gives an empty agent for one that is unknown':
        'byIdentifiers gives one answer a lookup, in order, and null for an agent that is unknown',
      'throws for an agent that is unknown': 'byIdentifiers answers null for an unknown agent, and threw: no such agent',
      'names an identifier that it does not find by': 'byIdentifiers finds an agent by the PHONE that is listed, in lower case',
      'says a status that the schema lacks': 'agent.status',
      'has a command that nobody sends': 'control.PAUSE_RECORDING is no command that the server sends',
      'does not say how long a blackout may last': 'a source with blackouts says in maxAgentBlackoutMs how long one may last',
      'does not hand the signal of a command on': 'START_RECORDING does not let go: hand its signal on to the request',
      'says that it honours ranges': 'media.ranges is true only if the vendor sends the part that was requested',
    },
  );
});
