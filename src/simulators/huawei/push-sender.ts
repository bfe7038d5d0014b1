import type { PushDelivery } from './session-state.ts';

/** Posts events to the callbacks of sessions: one after another for an agent, and at most once, so that what is not taken is gone. */
export const createPushSender = (): ((delivery: PushDelivery) => void) => {
  /** The last delivery of each agent. */
  const last = new Map<string, Promise<unknown>>();
  return ({ push: { uri, token }, guid, workNo, events }) => {
    const headers = { 'content-type': 'application/json; charset=UTF-8', guid, service_token: token };
    const body = JSON.stringify({ workNo, eventList: events });
    const sent = (last.get(workNo) ?? Promise.resolve())
      .then(() => fetch(uri, { method: 'POST', headers, body }).then((answer) => answer.text()))
      .catch(() => undefined);
    last.set(workNo, sent);
  };
};
