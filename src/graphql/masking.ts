/** What a caller without `pii:read` sees of names, numbers and addresses. */
import type { Agent, Call, Recording } from '../domain/model/entities.ts';

const dots = '•••';

/** Keeps the last two digits of a number that is long enough not to be told by them. */
const maskNumber = (value: string): string => (value.replace(/\D/g, '').length >= 7 ? `${dots}${value.slice(-2)}` : dots);

/** Masks an e-mail or SIP address, a number, or a name (whose first letter stays). Null stays null. */
export const mask = (value: string | null): string | null => {
  if (value === null || value === '') return value;
  if (value.includes('@')) return `${dots}@${dots}`;
  if (/\d{2}/.test(value)) return maskNumber(value);
  return `${[...value][0]}${dots}`;
};

/** A text of anyone's writing, such as a metadata value or a note, which may hold a number or an address. */
export const maskValue = (value: string): string => (/\d{4}|@/.test(value) ? dots : value);

/** A login stays readable unless it is an address. */
export const maskLogin = (value: string | null): string | null => (value?.includes('@') ? mask(value) : value);

export const maskAgent = (agent: Agent): Agent => ({
  ...agent,
  name: mask(agent.name),
  email: mask(agent.email),
  phone: mask(agent.phone),
  sipUri: mask(agent.sipUri),
  username: maskLogin(agent.username),
  systemUsername: maskLogin(agent.systemUsername),
  crmUsername: maskLogin(agent.crmUsername),
  deviceId: mask(agent.deviceId),
  deviceAlias: mask(agent.deviceAlias),
});

export const maskCall = (call: Call): Call => ({
  ...call,
  caller: mask(call.caller),
  called: mask(call.called),
  legs: call.legs.map((leg) => ({ ...leg, endpoint: mask(leg.endpoint) })),
  metadata: call.metadata.map(({ key, value }) => ({ key, value: maskValue(value) })),
});

export const maskRecording = (recording: Recording): Recording => ({ ...recording, endpoint: mask(recording.endpoint) });
