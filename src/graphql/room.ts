import { GraphQLError } from 'graphql';
import type { Principal } from '../domain/model/principal.ts';
import { createBudgets } from '../lib/budgets.ts';

/** Queries of one caller that wait for those in progress. */
const maxWaiting = 1000;

const tooMuchInProgress = (): GraphQLError =>
  new GraphQLError('Too many of this caller’s queries wait for those in progress; send fewer at the same time.', {
    extensions: { code: 'RATE_LIMITED' },
  });

/** Has a path, so that graphql-js makes no copy of it for each of thousands of fields. Nobody gets it. */
export const abandoned = new GraphQLError('The client has gone.', { path: [], extensions: { code: 'CLIENT_GONE' } });

/** Resolves with null when a query that takes so much has room among its caller's; with an error where it is not to be executed. */
export type EnterRoom = (room: number) => Promise<GraphQLError | null>;

/** Runs `work`, which answers one operation; the room that its query enters is given back at its end, however it ends. */
export type InRoom = <T>(principal: Principal, isGone: () => boolean, work: (enter: EnterRoom) => Promise<T>) => Promise<T>;

/** Makes rooms of which each caller has one, for queries that cost `max` together at most. */
export const createRooms = (max: number): InRoom => {
  const budgets = createBudgets(max, maxWaiting);
  return async ({ name }, isGone, work) => {
    let isOver = false;
    let release = () => {};
    const enter: EnterRoom = async (room) => {
      const held = await budgets.hold(name, { cost: room, isGone: () => isOver || isGone() });
      if (held === null) return tooMuchInProgress();
      release = held;
      // A plug-in may have had the query answered while it waited.
      if (isOver) release();
      return isGone() ? abandoned : null;
    };
    try {
      return await work(enter);
    } finally {
      isOver = true;
      release();
    }
  };
};
