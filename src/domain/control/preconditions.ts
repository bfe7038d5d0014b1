import { type ControlOperation, outOfCallStatuses } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { AgentState } from './agent-state.ts';

/**
 * Lists what is refused without a call to the vendor, since the vendor would overwrite a running recording, or ring an agent's phone to
 * record nothing. Everything else is left to the vendor's own answer.
 */
const preconditions: Partial<Record<ControlOperation, (state: AgentState) => ExpectedError | null>> = {
  START_RECORDING: ({ agent, live }) => {
    if (live.some((one) => one.kind === 'AUDIO' && !one.isDuplicate && one.state === 'RECORDING')) {
      return new ExpectedError('ALREADY_RECORDING', 'The agent is already being recorded; stop or update that recording first.');
    }
    if (agent?.status === 'OFFLINE') {
      return new ExpectedError('NOT_SIGNED_IN', 'The agent is not signed in, so there is nothing to record; sign the agent in first.', {
        retryable: true,
      });
    }
    if (agent !== null && agent.activeCall === null && agent.inactiveCalls.length === 0 && outOfCallStatuses.includes(agent.status)) {
      return new ExpectedError('NOT_IN_CALL', 'The agent is not on a call, so there is nothing to record; retry during a call.', {
        retryable: true,
      });
    }
    return null;
  },
};

export const preconditionOf = (operation: ControlOperation) => preconditions[operation];
