/** What a caller without `pii:read` sees of names, numbers and addresses. */
import type { Agent, Blackout, Call, ControlCommand, Recording } from '../domain/model/entities.ts';
import { numberPattern } from '../lib/number-pattern.ts';

const dots = '•••';

/** Keeps the last two digits of a number that is long enough not to be recognised by them. */
const maskNumber = (value: string): string => {
  const digits = value.replace(/\D/g, '');
  return digits.length >= 7 ? `${dots}${digits.slice(-2)}` : dots;
};

/** The text with full-width and raised characters as plain ones, and each run of spaces as one. */
const plain = (value: string): string => value.normalize('NFKC').replaceAll(/\s+/g, ' ');

/** Masks an e-mail or SIP address, a number, or a name (whose first letter stays). Null stays null. */
export const mask = (value: string | null): string | null => {
  if (value === null || value === '') return value;
  if (plain(value).includes('@')) return `${dots}@${dots}`;
  if (/\d{2}/.test(value)) return maskNumber(value);
  return `${[...value][0]}${dots}`;
};

const isoDate = String.raw`(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const isoTime = String.raw`[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?`;
const uuid = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';

/** Dates, times of ours and UUIDs that stand by themselves, which stay readable. A part of a number that is grouped like a date is none. */
const timesAndIds = new RegExp(
  String.raw`(?<![\da-f]|[\da-f][-./]|\+\d{0,3} ?)(?:${isoDate}(?:${isoTime})?|${uuid})(?![\da-f]|[-./]\d)`,
  'gi',
);

/** Four digits in a row, or six however they are grouped. */
const mayBeNumber = new RegExp(String.raw`\p{Nd}{4}|${numberPattern(6)}`, 'u');

/** A text of anyone's writing, such as a metadata value, a note or a file's name, which may hold a number or an address. */
export const maskValue = <T extends string | null>(value: T): T | string => {
  if (value === null) return value;
  const text = plain(value);
  return text.includes('@') || mayBeNumber.test(text.replaceAll(timesAndIds, ' ')) ? dots : value;
};

/** The name of a caller, which is a key's unless it is an address. */
const maskLogin = (value: string): string => (value.includes('@') ? mask(value)! : value);

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
  devices: (agent.devices ?? []).map(({ phone, deviceId, deviceAlias, systemUsername }) => ({
    phone: mask(phone),
    deviceId: mask(deviceId),
    deviceAlias: mask(deviceAlias),
    systemUsername: mask(systemUsername),
  })),
});

export const maskCall = (call: Call): Call => ({
  ...call,
  caller: mask(call.caller),
  called: mask(call.called),
  queue: maskValue(call.queue),
  legs: call.legs.map((leg) => ({ ...leg, endpoint: mask(leg.endpoint) })),
  metadata: call.metadata.map(({ key, value }) => ({ key, value: maskValue(value) })),
});

export const maskRecording = (recording: Recording): Recording => ({
  ...recording,
  endpoint: mask(recording.endpoint),
  fileName: maskValue(recording.fileName),
});

export const maskBlackout = (blackout: Blackout): Blackout => ({
  ...blackout,
  note: maskValue(blackout.note),
  requestedBy: maskLogin(blackout.requestedBy),
});

export const maskCommand = (command: ControlCommand): ControlCommand => ({ ...command, requestedBy: maskLogin(command.requestedBy) });
