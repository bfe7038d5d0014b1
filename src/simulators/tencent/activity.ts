/** Lets the contact center live by itself: calls come in, ring, are answered, transferred, and end every few seconds. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import type { ContactCenter, SimulatedAgent, SimulatedCall } from './contact-center.ts';

const ratings = [
  { key: '1', label: 'very satisfied' },
  { key: '2', label: 'satisfied' },
  { key: '3', label: 'not satisfied' },
];

export const startActivity = (contactCenter: ContactCenter, clock: Clock, random: Random): (() => void) => {
  const timers = new Set<() => void>();
  let stopped = false;
  const later = (fromSeconds: number, toSeconds: number, work: () => void): void => {
    if (stopped) return;
    const cancel = clock.after(random.between(fromSeconds * 1000, toSeconds * 1000), () => {
      timers.delete(cancel);
      work();
    });
    timers.add(cancel);
  };
  const freeAgent = (): SimulatedAgent | undefined =>
    random.shuffle([...contactCenter.agents.values()]).find(({ status }) => status === 'free');

  const wrapUp = (call: SimulatedCall): void => {
    for (const { agent } of call.participants) {
      later(3, 8, () => {
        if (agent.status !== 'afterCallWork') return;
        const pause = random.next() < 0.15;
        contactCenter.setStatus(agent, pause ? 'rest' : 'free');
        if (pause) later(8, 20, () => contactCenter.setStatus(agent, 'free'));
      });
    }
  };
  const end = (call: SimulatedCall): void => {
    if (random.next() < 0.4) call.ratings = [random.pick(ratings)];
    contactCenter.hangUp(call, random.pick(['user', 'seat']));
    wrapUp(call);
  };
  const talk = (call: SimulatedCall): void => {
    const other = random.next() < 0.15 ? freeAgent() : undefined;
    later(6, 25, () => {
      if (other?.status !== 'free') return end(call);
      contactCenter.ring(call, other);
      later(1, 3, () => {
        contactCenter.answer(call);
        later(5, 15, () => end(call));
      });
    });
  };

  const arrive = (): void => {
    later(3, 7, arrive);
    const customer = `0086138${String(random.between(0, 99_999_999)).padStart(8, '0')}`;
    const direction = random.next() < 0.7 ? 0 : 1;
    const call = contactCenter.startCall({
      direction,
      caller: direction === 0 ? customer : '008675588880000',
      callee: direction === 0 ? '008675588880000' : customer,
    });
    const agent = freeAgent();
    if (!agent) {
      later(3, 6, () => contactCenter.leaveVoicemail(call));
      return;
    }
    call.queue = agent.skillGroup;
    contactCenter.ring(call, agent);
    later(2, 4, () => {
      if (random.next() < 0.1) {
        contactCenter.hangUp(call, 'user');
        return wrapUp(call);
      }
      contactCenter.answer(call);
      talk(call);
    });
  };

  arrive();
  return () => {
    stopped = true;
    for (const cancel of timers) cancel();
  };
};
