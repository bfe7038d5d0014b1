/** Finds and takes out what a store holds of one person: a caller by the number, or an agent by the id. */
import { randomBytes } from 'node:crypto';
import type { Agent, SourceKey } from '../domain/model/entities.ts';
import { keyId } from '../domain/model/ids.ts';
import { numberKey, sameNumber } from '../domain/model/phone-number.ts';
import { toAsciiDigits } from '../lib/phone-digits.ts';

export interface Person {
  /** The text without what is personal in it; the same text where nothing is. */
  redact(text: string): string;
  /** The agent, and what its id becomes everywhere; null for a caller. */
  agent: { key: SourceKey; pseudonym: string } | null;
}

export const erasedText = 'erased';
/** Fewer digits are an extension, which others have elsewhere. */
const minDigits = 7;
/** Shorter texts are looked for as a whole only, not within others. */
const minWithin = 5;

/** A number and what stands between its digits, of any script and with any dash, bracket or invisible mark. */
const digitRuns = /\p{Ps}?[+\uff0b\ufe62\u207a]?\p{Nd}(?:[\p{Pd}\p{Ps}\p{Pe}\p{Z}\p{Cf}\s./\u2212\u30fc\u00b7]*\p{Nd})*/gu;

const isWholeNumber = (text: string): boolean => {
  const key = numberKey(text);
  return key?.isNumber === true && key.key.length >= minDigits;
};

/** How many groups of digits may be one number. */
const maxGroups = 8;
const digitsOf = (text: string): string => toAsciiDigits(text).replaceAll(/\D/g, '');

/** A run may be several numbers, or a date beside the number: what stands next to it is then whole by itself. */
const redactRun = (number: string, run: string): string => {
  if (sameNumber(number, run)) return erasedText;
  const end = digitsOf(number).slice(-minDigits);
  const groups = run.split(/\s+/);
  const digits = groups.map(digitsOf);
  if (groups.length < 2 || !digits.join('').includes(end)) return run;
  const isOther = (neighbours: readonly string[]) => neighbours.length === 0 || isWholeNumber(neighbours.join(' '));
  const isHere = (from: number, to: number) =>
    digits.slice(from, to).join('').endsWith(end) &&
    sameNumber(number, groups.slice(from, to).join(' ')) &&
    isOther(groups.slice(Math.max(0, from - maxGroups), from)) &&
    isOther(groups.slice(to, to + maxGroups));
  const kept: string[] = [];
  for (let from = 0; from < groups.length; ) {
    let to = from + 1;
    while (to <= from + maxGroups && to <= groups.length && !isHere(from, to)) to += 1;
    const isFound = to <= from + maxGroups && to <= groups.length;
    kept.push(isFound ? erasedText : groups[from]!);
    from = isFound ? to : from + 1;
  }
  return kept.includes(erasedText) ? kept.join(' ') : run;
};

const redactNumber = (number: string, text: string): string => {
  if (sameNumber(number, text)) return erasedText;
  return text.replaceAll(digitRuns, (run) => redactRun(number, run));
};

/** Null for what is no whole number. */
export const personOfNumber = (number: string): Person | null =>
  isWholeNumber(number) ? { agent: null, redact: (text) => redactNumber(number, text) } : null;

const personalFields = ['name', 'email', 'phone', 'sipUri', 'username', 'systemUsername', 'crmUsername', 'syncId'] as const;
const deviceFields = ['deviceId', 'deviceAlias'] as const;

/** Every text in an agent that is about the person. */
const textsOf = (agent: Agent): string[] => {
  const own = [...personalFields, ...deviceFields].map((field) => agent[field]);
  const devices = (agent.devices ?? []).flatMap((device) => Object.values(device) as (string | null)[]);
  return [...own, ...devices].filter((text): text is string => typeof text === 'string' && text.trim() !== '');
};

const withoutText = (text: string, word: string): string => {
  let [rest, kept] = [text, ''];
  for (let at = rest.toLowerCase().indexOf(word); at >= 0; at = rest.toLowerCase().indexOf(word)) {
    kept += rest.slice(0, at) + erasedText;
    rest = rest.slice(at + word.length);
  }
  return kept + rest;
};

/** `known` is the agent as it was stored at any time. */
export const personOfAgent = (key: SourceKey, known: readonly Agent[]): Person => {
  const texts = [...new Set([...known.flatMap(textsOf), key.externalId])];
  const numbers = texts.filter(isWholeNumber);
  const words = new Set(texts.map((text) => text.trim().toLowerCase()));
  words.delete(key.externalId.toLowerCase());
  const within = [...words].filter((word) => word.length >= minWithin);
  return {
    agent: { key, pseudonym: `${erasedText}-${randomBytes(8).toString('hex')}` },
    redact: (text) => {
      if (words.has(text.trim().toLowerCase())) return erasedText;
      const withoutNumbers = numbers.reduce((rest, number) => redactNumber(number, rest), text);
      return within.reduce(withoutText, withoutNumbers);
    },
  };
};

/** Names of fields that hold ids, words of a list, or the name of a caller of this API: left as they are. */
const structural: ReadonlySet<string> = new Set([
  ...['id', 'source', 'externalId', 'formerId', 'call', 'recording', 'blackout', 'command', 'ran', 'activeCall', 'inactiveCalls'],
  ...[
    'desktopRecordings',
    'correlationId',
    'requestedBy',
    'inputHash',
    'operation',
    'reason',
    'state',
    'status',
    'kind',
    'party',
    'from',
    'to',
  ],
  ...['direction', 'confirmation', 'support', 'endedBy', 'warning', 'entityType', 'previous', 'code', 'entity', 'vendor'],
]);
/** Names of fields that may hold an agent's id. */
const agentFields: ReadonlySet<string> = new Set(['agent', 'agents', 'agentId', 'key', 'externalId']);
const instantText = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** A field of something of a source. */
interface Field {
  source: string;
  field: string;
}

/** The text of a field as it is to be kept. */
export const redactField = ({ redact, agent }: Person, { source, field }: Field, text: string): string => {
  if (agent !== null && agent.key.source === source && agentFields.has(field)) {
    if (text === agent.key.externalId) return agent.pseudonym;
    if (text === keyId('Agent', agent.key)) return keyId('Agent', { source, externalId: agent.pseudonym });
  }
  return structural.has(field) || instantText.test(text) ? text : redact(text);
};

/** A document without what is personal in it; the same where nothing is. */
export const redactDocument = <T>(person: Person, source: string, document: T): T => {
  const walk = (value: unknown, field: string): unknown => {
    if (typeof value === 'string') return redactField(person, { source, field }, value);
    if (typeof value === 'number') return redactField(person, { source, field }, String(value)) === String(value) ? value : null;
    if (Array.isArray(value)) return value.map((one) => walk(one, field));
    if (value === null || typeof value !== 'object') return value;
    const fields = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
    // The number of the agent's own phone, whichever it was then.
    const isOwn = person.agent !== null && fields.party === 'AGENT' && fields.agent === person.agent.pseudonym;
    return isOwn && typeof fields.endpoint === 'string' ? { ...fields, endpoint: null } : fields;
  };
  return walk(document, '') as T;
};

/** An agent of whom nothing is left but that there was one. */
export const redactAgent = (person: Person, agent: Agent): Agent => {
  const { key, pseudonym } = person.agent ?? {};
  if (key === undefined || agent.source !== key.source || ![key.externalId, pseudonym].includes(agent.externalId))
    return redactDocument(person, agent.source, agent);
  const blank = Object.fromEntries([...personalFields, ...deviceFields].map((field) => [field, null]));
  return { ...agent, ...blank, ...(agent.devices === undefined ? {} : { devices: [] }), externalId: pseudonym! };
};
