/** The steps of an open blackout that are due, and how they are taken. */
import { inLane } from '../../lib/lane.ts';
import type { Blackout } from '../model/entities.ts';
import type { AgentLease } from './agent-lock.ts';
import type { BlackoutContext } from './context.ts';
import { end } from './end.ts';
import { maskAgain } from './mask-again.ts';
import { begin, mask } from './masking.ts';
import { isUnjudged, judgeKnown } from './on-observed.ts';
import { type PlannedStep, planOf } from './plan.ts';
import { agentKey, isOpen } from './row.ts';
import { unmask } from './unmasking.ts';
import { sendUnwritten } from './unwritten-stop.ts';
import { warnOf } from './write.ts';

const isEnd = ({ step }: PlannedStep): boolean => step === 'end' || step === 'unmask';

const stepsOf = (context: BlackoutContext, row: Blackout): readonly PlannedStep[] => {
  const { sources, retries, unwrittenStops } = context;
  const source = sources.get(row.source);
  if (!source) return [];
  const isStopped = row.state === 'ACTIVE' && (unwrittenStops.get(row.id)?.requestedBy ?? null) !== null;
  if (isStopped) return [{ step: 'end', by: 'OPERATOR', atMs: 0 }];
  const { confirmMs, blackouts } = source;
  const retryAtMs = retries.atMs(row.id);
  return planOf(row, { confirmable: blackouts?.confirmable ?? false, confirmMs, retryAtMs, isUnjudged: isUnjudged(context, row) });
};

/** An end that is due goes before what fell due while no server ran: nothing is warned of that is over. */
export const nextStep = (context: BlackoutContext, row: Blackout): PlannedStep | null => {
  const steps = stepsOf(context, row);
  return steps.find((one) => isEnd(one) && one.atMs <= context.clock.now()) ?? steps[0] ?? null;
};

interface DueStep {
  row: Blackout;
  planned: PlannedStep;
}

const dueStep = async (context: BlackoutContext, id: string): Promise<DueStep | null> => {
  const [row] = await context.store.blackouts.byIds([id]);
  const planned = row && isOpen(row) ? nextStep(context, row) : null;
  return row && planned && planned.atMs <= context.clock.now() ? { row, planned } : null;
};

const take = async (context: BlackoutContext, { row, planned }: DueStep, lease: AgentLease): Promise<void> => {
  switch (planned.step) {
    case 'mask':
      return inLane('command', () => mask(context, row, lease));
    case 'judge':
      return judgeKnown(context, row);
    case 'maskAgain':
      return inLane('command', () => maskAgain(context, row, lease));
    case 'unmask':
      return inLane('deadline', () => unmask(context, row, { lease }));
    case 'end': {
      const ended = await end(context, row, planned.by);
      if (ended?.state === 'STOPPING') await inLane('deadline', () => unmask(context, ended, { lease }));
      return;
    }
    case 'warn':
      await warnOf(context, row, planned.warning);
      return;
    case 'begin':
      await begin(context, row);
  }
};

/** Takes every step of one blackout that is due. False where another server holds the agent. */
export const takeDueSteps = async (context: BlackoutContext, row: Blackout): Promise<boolean> => {
  const { lock } = context;
  // Often what this server does with the agent already leaves nothing due, and no lease is taken that a kill would leave behind.
  await lock.drained(agentKey(row));
  if ((await dueStep(context, row.id)) === null) return true;
  const done = await lock.run(agentKey(row), 0, async (lease) => {
    for (;;) {
      const due = await dueStep(context, row.id);
      if (due === null) return true;
      await take(context, due, lease);
    }
  });
  return done !== null;
};

/** Sends the end of a blackout that is due, where the steps before it cannot be written. */
export const sendDueEnd = async (context: BlackoutContext, id: string): Promise<void> => {
  const [row] = await context.store.blackouts.byIds([id]);
  const isDue = row && isOpen(row) && stepsOf(context, row).some((one) => isEnd(one) && one.atMs <= context.clock.now());
  if (isDue) await sendUnwritten(context, row);
};
