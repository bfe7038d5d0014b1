/** The pull API: one address for every action, errors in HTTP 200, a limit of requests a second for each action. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, type ApiOptions, actions, type Parameters } from './actions.ts';
import { tc3Fault } from './tc3.ts';

export interface Api {
  /** Returns the whole answer to a POST, always with HTTP 200. */
  handle(headers: IncomingHttpHeaders, body: Buffer): string;
  /** Returns how many requests of an action came, or of all. */
  callsMade(action?: string): number;
  busiestSecond(action: string): number;
  /** Refuses the next `times` requests of an action, `*` for any, with this code. */
  refuse(action: string, code: string, times?: number): void;
}

interface State {
  options: ApiOptions;
  /** Requests by action. */
  calls: Map<string, number>;
  /** The times of the last second's requests, by action. */
  recent: Map<string, number[]>;
  /** The most requests of a second, by action. */
  busiest: Map<string, number>;
  planned: { action: string; code: string }[];
}

const isWithinLimit = ({ options, recent, busiest }: State, action: string): boolean => {
  const nowMs = options.clock.now();
  const times = (recent.get(action) ?? []).filter((time) => nowMs - time < 1000);
  times.push(nowMs);
  recent.set(action, times);
  busiest.set(action, Math.max(busiest.get(action) ?? 0, times.length));
  return times.length <= options.switches.requestsPerSecond;
};

const readParameters = (body: Buffer, sdkAppId: number): Parameters => {
  let parameters: Parameters;
  try {
    parameters = JSON.parse(body.toString('utf8')) as Parameters;
  } catch {
    throw new ApiError('InvalidParameter');
  }
  if (parameters.SdkAppId === undefined) throw new ApiError('MissingParameter');
  if (parameters.SdkAppId !== sdkAppId) throw new ApiError('InvalidParameterValue.InstanceNotExist');
  return parameters;
};

const answer = (state: State, headers: IncomingHttpHeaders, body: Buffer): object => {
  const { options, calls, planned } = state;
  const action = String(headers['x-tc-action'] ?? '');
  calls.set(action, (calls.get(action) ?? 0) + 1);
  const fault = tc3Fault({ headers, body }, options.keys, options.clock.now());
  if (fault) throw new ApiError(fault);
  if (headers['x-tc-version'] !== '2020-02-10') throw new ApiError('InvalidParameter');
  const run = actions.get(action);
  if (!run) throw new ApiError('InvalidAction');
  if (!isWithinLimit(state, action)) throw new ApiError('RequestLimitExceeded');
  const plan = planned.findIndex((one) => one.action === action || one.action === '*');
  if (plan >= 0) throw new ApiError(planned.splice(plan, 1)[0]!.code);
  return run(options, readParameters(body, options.sdkAppId));
};

export const createApi = (options: ApiOptions): Api => {
  const state: State = { options, calls: new Map(), recent: new Map(), busiest: new Map(), planned: [] };
  const { calls, busiest, planned } = state;
  return {
    handle: (headers, body) => {
      const RequestId = options.random.guid();
      try {
        return JSON.stringify({ Response: { ...answer(state, headers, body), RequestId } });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return JSON.stringify({ Response: { Error: { Code: error.code, Message: 'The request was refused.' }, RequestId } });
      }
    },
    callsMade: (action) => (action === undefined ? [...calls.values()].reduce((sum, one) => sum + one, 0) : (calls.get(action) ?? 0)),
    busiestSecond: (action) => busiest.get(action) ?? 0,
    refuse: (action, code, times = 1) => {
      for (let time = 0; time < times; time += 1) planned.push({ action, code });
    },
  };
};
