import { type ControlHandler, type ControlOperation, ExpectedError, type VendorCommand } from '../kit/index.ts';
import type { CommandPath } from './client.ts';
import { identifierWord } from './identifiers.ts';
import { explainNotFound } from './not-found.ts';
import type { UptivitySource } from './source.ts';
import type { WireCommand } from './wire.ts';

/** The keys of a call's metadata that commands may always write. */
export const userKeys: readonly string[] = Array.from({ length: 15 }, (_, index) => `user${index + 1}`);

type Extras = (command: VendorCommand) => Omit<WireCommand, 'AgentIdentifier' | 'Value'>;

const callMetadata: Extras = ({ metadata = [] }) =>
  metadata.length === 0 ? {} : { CallMetadata: Object.fromEntries(metadata.map(({ key, value }) => [key.toLowerCase(), value])) };
/** `Record/StopForAgent` takes none; what the caller wants written must not get lost without a word. */
const noMetadata: Extras = ({ operation, metadata = [] }) => {
  if (metadata.length === 0) return {};
  throw new ExpectedError(
    'INVALID_INPUT',
    `metadata cannot be written with ${operation} at this source; write it with updateRecording first.`,
  );
};
const callIdentifier: Extras = ({ call }) => (call === undefined ? {} : { CallIdentifier: call });

/** The vendor ignores the offset beside a time, so only one of the two is sent; a time is one of the vendor's clock. */
const when =
  ({ client }: UptivitySource, name: 'BlackoutStartTime' | 'BlackoutStopTime'): Extras =>
  ({ at, offsetSeconds }) => {
    if (at !== undefined) return { [name]: new Date(client.clock().toVendors(Date.parse(at))).toISOString() };
    return offsetSeconds === undefined ? {} : { TimeOffset: Math.round(offsetSeconds) };
  };

const recordingCommands = {
  START_RECORDING: ['Record/StartForAgent', callMetadata],
  STOP_RECORDING: ['Record/StopForAgent', noMetadata],
  UPDATE_RECORDING: ['Record/UpdateForAgent', callMetadata],
  START_DUPLICATE_RECORDING: ['Record/StartDuplicateForAgent', callIdentifier],
  STOP_DUPLICATE_RECORDING: ['Record/StopDuplicateForAgent', callIdentifier],
  START_SCREEN_RECORDING: ['ScreenRecord/StartForAgent', callMetadata],
  UPDATE_SCREEN_RECORDING: ['ScreenRecord/UpdateForAgent', callMetadata],
  STOP_SCREEN_RECORDING: ['ScreenRecord/StopForAgent', callMetadata],
} satisfies Partial<Record<ControlOperation, [CommandPath, Extras]>>;

/** The agent as the caller named it; what the server sends by itself goes by the id. */
const addressOf = ({ agent, addressedBy }: Pick<VendorCommand, 'agent' | 'addressedBy'>) => {
  const word = addressedBy && identifierWord(addressedBy.identifier);
  return word ? { AgentIdentifier: word, Value: addressedBy.value } : { AgentIdentifier: 'Id' as const, Value: agent.externalId };
};

const handler =
  (source: UptivitySource, path: CommandPath, extras: Extras): ControlHandler =>
  async (command, signal) => {
    const address = addressOf(command);
    const outcome = await source.client.command(path, { ...address, ...extras(command) }, signal);
    if (outcome === 'notFound') throw await explainNotFound(source, { command, address }, signal);
    return {};
  };

/** The eight recording commands, by operation. */
export const createControl = (source: UptivitySource): Record<keyof typeof recordingCommands, ControlHandler> =>
  Object.fromEntries(
    Object.entries(recordingCommands).map(([operation, [path, extras]]) => [operation, handler(source, path, extras)]),
  ) as Record<keyof typeof recordingCommands, ControlHandler>;

/** The two blackout commands. */
export const createBlackoutCommands = (source: UptivitySource): { start: ControlHandler; stop: ControlHandler } => ({
  start: handler(source, 'Blackout/StartForAgent', when(source, 'BlackoutStartTime')),
  stop: handler(source, 'Blackout/StopForAgent', when(source, 'BlackoutStopTime')),
});
