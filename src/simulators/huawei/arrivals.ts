import type { Socket } from 'node:net';
import type { GatewayEvent } from './session-state.ts';

/** Tells events that arrived from those that may not have: the next request on the same connection shows that an answer arrived. */
export interface Arrivals {
  opened(socket: Socket): void;
  requested(socket: Socket): void;
  answered(socket: Socket, event: GatewayEvent): void;
}

/** `lose` is called with the last event of each connection that ends before another request came on it. */
export const createArrivals = (lose: (event: GatewayEvent) => void): Arrivals => {
  const unproven = new WeakMap<Socket, GatewayEvent>();
  return {
    opened: (socket) => {
      socket.once('close', () => {
        const event = unproven.get(socket);
        if (event) lose(event);
      });
    },
    requested: (socket) => void unproven.delete(socket),
    answered: (socket, event) => void unproven.set(socket, event),
  };
};
