/** Tells which state it was that the gateway refused to record, or to stop recording, in. */
import { ExpectedError } from '../kit/index.ts';
import { isScreen } from './screen.ts';
import type { HuaweiSource } from './source.ts';

/** Documented as a failure of no stated cause; met where the site lets nobody start recordings. */
export const unexplained = '500-011';
const cannotStart: ReadonlySet<string> = new Set(['500-008', unexplained]);

const audioOf = ({ context }: HuaweiSource, agent: string) => context.known.liveRecordings(agent).filter((one) => !isScreen(one));

/** `500-008` says only that the state is wrong, and `500-011` nothing that is published; what is known says which state it is. */
export const explainStart = (source: HuaweiSource, agent: string, error: unknown): unknown => {
  if (!(error instanceof ExpectedError) || !cannotStart.has(error.vendorCode ?? '')) return error;
  const details = { vendorCode: error.vendorCode, cause: error };
  if (audioOf(source, agent).some(({ state }) => state !== 'STOPPING')) {
    return new ExpectedError('ALREADY_RECORDING', `Agent ${agent} is already being recorded; stop that recording first.`, details);
  }
  const known = source.context.known.agent(agent);
  return error.vendorCode === '500-008' && known !== null && known.activeCall === null
    ? new ExpectedError('NOT_IN_CALL', `Agent ${agent} is not on a call, so there is nothing to record.`, details)
    : error;
};

/** The codes of a refused stop are in no published list: each of the record family says that the agent's state is not the one to stop in. */
export const explainStop = (source: HuaweiSource, agent: string, error: unknown): unknown => {
  if (!(error instanceof ExpectedError) || !/^500-0\d\d$/.test(error.vendorCode ?? '')) return error;
  const details = { vendorCode: error.vendorCode, cause: error };
  return error.vendorCode === '500-010' || audioOf(source, agent).length === 0
    ? new ExpectedError('NOT_RECORDING', `Agent ${agent} is not being recorded, so there is nothing to stop.`, details)
    : new ExpectedError('VENDOR_REJECTED', `The gateway does not stop the recording of agent ${agent} in its current state.`, details);
};
