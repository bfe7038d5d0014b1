import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import { type ContactCenter, type SimulatedAgent, ticks } from './contact-center.ts';

const people = [
  ['Claus', 'Clausen'],
  ['Derek', 'Andersen'],
  ['Freja', 'Holm'],
  ['Mads', 'Lund'],
  ['Sofie', 'Krogh'],
] as const;

const agentOf = ([forename, surname]: readonly [string, string], index: number): SimulatedAgent => ({
  id: 101 + index,
  forename,
  surname,
  email: `${forename.toLowerCase()}.${surname[0]!.toLowerCase()}@company.local`,
  sipUri: `sip:lp${index + 1}@company.local`,
  syncId: `f4fd9e5f-017d-4350-adf8-8dd811bc1a${(0x2e + index).toString(16)}`,
  phone: `+458350900${index + 1}`,
  userId: 9001 + index,
  department: index < 3 ? 'Support' : 'Sales',
  tags: ['demo'],
  queues: index < 3 ? [301] : [301, 302],
  loggedIn: index < 4,
});

/** People and queues of the demo. */
export const addPeople = (contactCenter: ContactCenter): void => {
  contactCenter.queues.set(301, 'Support').set(302, 'Sales');
  for (const [index, person] of people.entries()) contactCenter.addAgent(agentOf(person, index));
};

interface ActivityOptions {
  contactCenter: ContactCenter;
  clock: Clock;
  random: Random;
}

interface Activity extends ActivityOptions {
  nextDirectId: number;
}

/** Takes the next step of an agent in a call. */
const goOn = ({ contactCenter, random }: Activity, agent: SimulatedAgent): void => {
  const call = contactCenter.callOf(agent.id)!;
  if (call.state === 'Offered') contactCenter.answer(agent.id);
  else if (call.state === 'Held') random.chance(0.5) ? contactCenter.alternate(agent.id) : contactCenter.transfer(agent.id, null);
  else if (random.chance(0.2)) contactCenter.consult(agent.id, random.pick([...contactCenter.agents.values()]).phone);
  else contactCenter.clear(agent.id);
};

const endDirectCall = (activity: Activity, agent: SimulatedAgent): void => {
  const Id = activity.nextDirectId++;
  const endedMs = activity.clock.now();
  activity.contactCenter.direct.push({
    Id,
    UserName: `${agent.forename} ${agent.surname}`,
    UserId: String(agent.userId),
    ConversationStartedUtc: ticks(endedMs - 20_000, Id),
    ConversationEndedUtc: ticks(endedMs, Id + 1),
  });
};

/** Takes the next step of an agent in no call. */
const begin = (activity: Activity, agent: SimulatedAgent): void => {
  const { contactCenter, random } = activity;
  const chance = random.next();
  if (!agent.loggedIn) agent.loggedIn = chance < 0.3;
  else if (chance < 0.06) agent.loggedIn = false;
  else if (chance < 0.12) endDirectCall(activity, agent);
  else {
    const queueId = random.pick(agent.queues);
    const caller = `+45831${Math.floor(random.next() * 90_000 + 10_000)}`;
    contactCenter.offer(agent.id, { queueId, caller, type: chance < 0.25 ? 'CallbackCall' : 'QueueCall' });
  }
};

/** Plays a working day: agents take, hand on and end calls, and log on and off, a change every few seconds. Returns its end. */
export const startActivity = (options: ActivityOptions): (() => void) => {
  const activity: Activity = { ...options, nextDirectId: 800 };
  const { contactCenter, clock, random } = options;
  let cancel = () => {};
  const step = () => {
    const agent = random.pick([...contactCenter.agents.values()]);
    if (contactCenter.callOf(agent.id)) goOn(activity, agent);
    else begin(activity, agent);
    cancel = clock.after(1500 + random.next() * 3000, step);
  };
  cancel = clock.after(500, step);
  return () => cancel();
};
