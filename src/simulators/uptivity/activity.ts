import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import type { SimulatedAgent } from './agent.ts';
import type { ContactCenter } from './contact-center.ts';

interface Activity {
  contactCenter: ContactCenter;
  clock: Clock;
  random: Random;
  /** Those who are at work. */
  agents(): readonly SimulatedAgent[];
}

/** One thing that happens to an agent, by what the agent is doing. */
const step = ({ contactCenter, random }: Activity, agent: SimulatedAgent, agents: readonly SimulatedAgent[]): void => {
  const free = agents.filter((other) => other !== agent && !other.ActiveCall && other.InactiveCalls.length === 0);
  if (!agent.ActiveCall && agent.InactiveCalls.length === 0) {
    contactCenter.takeCall(agent);
  } else if (!agent.ActiveCall) {
    if (free.length > 0 && random.chance(0.3)) contactCenter.pickUp(agent, random.pick(free));
    else contactCenter.resume(agent);
  } else if (agent.InactiveCalls.length > 0) {
    contactCenter.hangUp(agent);
  } else if (random.chance(0.35)) {
    contactCenter.hold(agent);
  } else if (random.chance(0.15)) {
    contactCenter.takeCall(agent, 'O');
  } else {
    contactCenter.hangUp(agent);
  }
};

/** Lets something happen every one to four seconds until the returned function is called. */
export const startActivity = (activity: Activity): (() => void) => {
  const { contactCenter, clock, random, agents } = activity;
  for (const agent of agents()) if (random.chance(0.4)) contactCenter.takeCall(agent);
  let cancel = () => {};
  const arm = () => {
    cancel = clock.after(1000 + random.below(3000), () => {
      const present = agents();
      if (present.length > 0) step(activity, random.pick(present), present);
      arm();
    });
  };
  arm();
  return () => cancel();
};
