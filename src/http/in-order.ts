/** Answers the requests of one connection one after another, as their answers have to leave. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that wait for the answer before theirs. Node reads thousands of a few bytes each at once. */
export const maxWaiting = 16;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface InOrder {
  /**
   * Calls `answer` for a request once the one before it on its connection is answered. A connection with more waiting is dropped; none of those that
   * wait when it is closed, or closes with an answer, is looked at, for their answers would not leave.
   */
  handle: Answer;
  /** True while a request of the connection is not answered yet. */
  isAnswering(connection: Socket): boolean;
}

export const createInOrder = (answer: Answer): InOrder => {
  const connections = new WeakMap<Socket, Parameters<Answer>[]>();
  const begin = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    response.once('close', () => {
      const next = connections.get(socket)?.shift();
      if (next === undefined || !socket.writable) connections.delete(socket);
      else begin(...next);
    });
    answer(request, response);
  };
  return {
    handle: (request, response) => {
      const { socket } = request;
      const waiting = connections.get(socket);
      if (!socket.writable) return;
      if (waiting === undefined) {
        connections.set(socket, []);
        begin(request, response);
      } else if (waiting.length < maxWaiting) waiting.push([request, response]);
      else socket.destroy();
    },
    isAnswering: (connection) => connections.has(connection),
  };
};
