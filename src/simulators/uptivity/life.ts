import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import type { SimulatedAgent } from './agent.ts';
import type { Floor } from './floor.ts';

/** One thing that happens to an agent, by what the agent is doing. */
const step = (agent: SimulatedAgent, agents: readonly SimulatedAgent[], floor: Floor, random: Random): void => {
  const free = agents.filter((other) => other !== agent && !other.ActiveCall && other.InactiveCalls.length === 0);
  if (!agent.ActiveCall && agent.InactiveCalls.length === 0) {
    floor.takeCall(agent);
  } else if (!agent.ActiveCall) {
    if (free.length > 0 && random.chance(0.3)) floor.pickUp(agent, random.pick(free));
    else floor.resume(agent);
  } else if (agent.InactiveCalls.length > 0) {
    floor.hangUp(agent);
  } else if (random.chance(0.35)) {
    floor.hold(agent);
  } else if (random.chance(0.15)) {
    floor.takeCall(agent, 'O');
  } else {
    floor.hangUp(agent);
  }
};

/** Lets something happen every one to four seconds until the returned function is called. */
export const startLife = (clock: Clock, agents: () => readonly SimulatedAgent[], floor: Floor, random: Random): (() => void) => {
  for (const agent of agents()) if (random.chance(0.4)) floor.takeCall(agent);
  let cancel = () => {};
  const arm = () => {
    cancel = clock.after(1000 + random.below(3000), () => {
      const present = agents();
      if (present.length > 0) step(random.pick(present), present, floor, random);
      arm();
    });
  };
  arm();
  return () => cancel();
};
