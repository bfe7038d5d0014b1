/** Masks names, numbers and addresses for callers without `pii:read`. */
import type { Agent, Blackout, Call, ControlCommand, Recording } from '../domain/model/entities.ts';
import { isAddress, isPersonalLogin, isPersonalText } from '../domain/model/personal-text.ts';

const dots = '•••';

/** Keeps the last two digits of a number that is long enough not to be recognised by them. */
const maskNumber = (value: string): string => {
  const digits = value.replace(/\D/g, '');
  return digits.length >= 7 ? `${dots}${digits.slice(-2)}` : dots;
};

/** Masks an e-mail or SIP address, a number, or a name (whose first letter stays). Null stays null. */
export const mask = (value: string | null): string | null => {
  if (value === null || value === '') return value;
  if (isAddress(value)) return `${dots}@${dots}`;
  if (/\d{2}/.test(value)) return maskNumber(value);
  return `${[...value][0]}${dots}`;
};

/** Masks a text of anyone's writing as a whole, where it may hold a number or an address. */
export const maskValue = <T extends string | null>(value: T): T | string => (value !== null && isPersonalText(value) ? dots : value);

const maskLogin = (value: string): string => (isPersonalLogin(value) ? mask(value)! : value);

export const maskAgent = (agent: Agent): Agent => ({
  ...agent,
  name: mask(agent.name),
  email: mask(agent.email),
  phone: mask(agent.phone),
  sipUri: mask(agent.sipUri),
  username: mask(agent.username),
  systemUsername: mask(agent.systemUsername),
  crmUsername: mask(agent.crmUsername),
  deviceId: mask(agent.deviceId),
  deviceAlias: mask(agent.deviceAlias),
  businessUnit: maskValue(agent.businessUnit),
  vendorStatus: maskValue(agent.vendorStatus),
  devices: (agent.devices ?? []).map(({ phone, deviceId, deviceAlias, systemUsername }) => ({
    phone: mask(phone),
    deviceId: mask(deviceId),
    deviceAlias: mask(deviceAlias),
    systemUsername: mask(systemUsername),
  })),
});

export const maskCall = (call: Call): Call => ({
  ...call,
  vendorState: maskValue(call.vendorState),
  caller: mask(call.caller),
  called: mask(call.called),
  queue: maskValue(call.queue),
  legs: call.legs.map((leg) => ({ ...leg, endpoint: mask(leg.endpoint) })),
  metadata: call.metadata.map(({ key, value }) => ({ key: maskValue(key), value: maskValue(value) })),
});

export const maskRecording = (recording: Recording): Recording => ({
  ...recording,
  vendorState: maskValue(recording.vendorState),
  endpoint: mask(recording.endpoint),
  fileName: maskValue(recording.fileName),
});

export const maskBlackout = (blackout: Blackout): Blackout => ({
  ...blackout,
  note: maskValue(blackout.note),
  requestedBy: maskLogin(blackout.requestedBy),
});

export const maskCommand = (command: ControlCommand): ControlCommand => ({
  ...command,
  requestedBy: maskLogin(command.requestedBy),
  idempotencyKey: maskValue(command.idempotencyKey),
});
