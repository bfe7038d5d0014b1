/** Lets the contact center live by itself: calls come in, ring, are answered, transferred, and end every few seconds. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import { createTimers, type Timers } from '../kit/timers.ts';
import type { ContactCenter, SimulatedAgent, SimulatedCall } from './contact-center.ts';

const ratings = [
  { key: '1', label: 'very satisfied' },
  { key: '2', label: 'satisfied' },
  { key: '3', label: 'not satisfied' },
];

interface ActivityOptions {
  contactCenter: ContactCenter;
  clock: Clock;
  random: Random;
}

interface Activity extends ActivityOptions {
  timers: Timers;
}

const later = ({ random, timers }: Activity, [fromSeconds, toSeconds]: readonly [number, number], work: () => void): void =>
  timers.after(random.between(fromSeconds * 1000, toSeconds * 1000), work);

const freeAgent = ({ contactCenter, random }: Activity): SimulatedAgent | undefined =>
  random.shuffle([...contactCenter.agents.values()]).find(({ status }) => status === 'free');

const wrapUp = (activity: Activity, call: SimulatedCall): void => {
  const { contactCenter, random } = activity;
  for (const { agent } of call.participants) {
    later(activity, [3, 8], () => {
      if (agent.status !== 'afterCallWork') return;
      const isBreak = random.chance(0.15);
      contactCenter.setStatus(agent, isBreak ? 'rest' : 'free');
      if (isBreak) later(activity, [8, 20], () => contactCenter.setStatus(agent, 'free'));
    });
  }
};

const end = (activity: Activity, call: SimulatedCall): void => {
  const { contactCenter, random } = activity;
  if (random.chance(0.4)) call.ratings = [random.pick(ratings)];
  contactCenter.hangUp(call, random.pick(['user', 'seat']));
  wrapUp(activity, call);
};

const talk = (activity: Activity, call: SimulatedCall): void => {
  const { contactCenter, random } = activity;
  const other = random.chance(0.15) ? freeAgent(activity) : undefined;
  later(activity, [6, 25], () => {
    if (other?.status !== 'free') return end(activity, call);
    contactCenter.ring(call, other);
    later(activity, [1, 3], () => {
      contactCenter.answer(call);
      later(activity, [5, 15], () => end(activity, call));
    });
  });
};

const arrive = (activity: Activity): void => {
  const { contactCenter, random } = activity;
  later(activity, [3, 7], () => arrive(activity));
  const customer = `0086138${String(random.between(0, 99_999_999)).padStart(8, '0')}`;
  const direction = random.chance(0.7) ? 0 : 1;
  const call = contactCenter.startCall({
    direction,
    caller: direction === 0 ? customer : '008675588880000',
    callee: direction === 0 ? '008675588880000' : customer,
  });
  const agent = freeAgent(activity);
  if (!agent) {
    later(activity, [3, 6], () => contactCenter.leaveVoicemail(call));
    return;
  }
  call.queue = agent.skillGroup;
  contactCenter.ring(call, agent);
  later(activity, [2, 4], () => {
    if (random.chance(0.1)) {
      contactCenter.hangUp(call, 'user');
      return wrapUp(activity, call);
    }
    contactCenter.answer(call);
    talk(activity, call);
  });
};

/** Starts it; the returned function ends it. */
export const startActivity = (options: ActivityOptions): (() => void) => {
  const activity: Activity = { ...options, timers: createTimers(options.clock) };
  arrive(activity);
  return activity.timers.stop;
};
