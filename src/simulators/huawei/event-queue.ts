/** An agent's events: each answers the poll that waits, is posted to a callback, or is left in the queue of the session. */
import { type GatewayEvent, lose, type SessionsState } from './session-state.ts';

/** Answers once; null when nothing happened in the hold time. The returned function forgets the poll. */
export const pollEvent = (state: SessionsState, workNo: string, answer: (event: GatewayEvent | null) => void): (() => void) => {
  const { clock, switches } = state;
  const session = state.sessions.get(workNo)!;
  const waiting = session.queue.shift();
  if (waiting || switches.pollHoldMs === 0) {
    answer(waiting ?? null);
    return () => undefined;
  }
  if (session.held) {
    state.overlappingPolls += 1;
    session.held(null);
  }
  const answerPoll = (event: GatewayEvent | null) => {
    forget();
    answer(event);
  };
  const cancel = clock.after(switches.pollHoldMs, () => answerPoll(null));
  const forget = () => {
    cancel();
    if (session.held === answerPoll) session.held = null;
  };
  session.held = answerPoll;
  return forget;
};

export const emitEvent = (
  state: SessionsState,
  workNo: string,
  { eventType, content }: Pick<GatewayEvent, 'eventType' | 'content'>,
): void => {
  const { clock, switches, deliver } = state;
  const session = state.sessions.get(workNo);
  const event: GatewayEvent = {
    eventType,
    workNo,
    content,
    eventGenTime: switches.eventGenTime ? clock.now() : undefined,
    jsonKey: switches.jsonKeys ? ['eventType', 'workNo', 'content'] : undefined,
  };
  if (!session) lose(state, event);
  else if (switches.loseEvents > 0) {
    switches.loseEvents -= 1;
    lose(state, event);
  } else if (session.push) deliver({ push: session.push, guid: session.guids[0]!.guid, workNo, events: [event] });
  else if (session.held) session.held(event);
  else session.queue.push(event);
};
