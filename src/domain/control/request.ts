/** Turns a mutation's input into one operation with checked arguments. */

import type { MetadataEntry } from '../model/entities.ts';
import type { ControlOperation, Operation, RecordingKind, RecordMode } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { type Caller, reaches } from '../model/principal.ts';
import type { VendorCommand, VendorSource } from '../ports/vendor.ts';
import { maxIdentifierLength, understoodLookup } from '../read/bearers.ts';
import type { AgentReference, ControlContext } from './context.ts';

export type ControlAction =
  | 'startRecording'
  | 'stopRecording'
  | 'updateRecording'
  | 'startDuplicateRecording'
  | 'stopDuplicateRecording'
  | 'signInAgent'
  | 'signOutAgent';

/** One control mutation; absent and null are the same, and only the fields of its action are read. */
export interface ControlRequest {
  action: ControlAction;
  agent: AgentReference;
  kind?: RecordingKind | null;
  metadata?: readonly MetadataEntry[] | null;
  fileName?: string | null;
  mode?: RecordMode | null;
  call?: string | null;
  phone?: string | null;
  force?: boolean | null;
  idempotencyKey?: string | null;
}

export type CommandArguments = Omit<VendorCommand, 'operation' | 'agent' | 'addressedBy'>;

const byKind: Partial<Record<ControlAction, Partial<Record<RecordingKind, ControlOperation>>>> = {
  startRecording: { AUDIO: 'START_RECORDING', SCREEN: 'START_SCREEN_RECORDING' },
  stopRecording: { AUDIO: 'STOP_RECORDING', SCREEN: 'STOP_SCREEN_RECORDING' },
  updateRecording: { AUDIO: 'UPDATE_RECORDING', SCREEN: 'UPDATE_SCREEN_RECORDING' },
};

const plain: Partial<Record<ControlAction, ControlOperation>> = {
  startDuplicateRecording: 'START_DUPLICATE_RECORDING',
  stopDuplicateRecording: 'STOP_DUPLICATE_RECORDING',
  signInAgent: 'SIGN_IN_AGENT',
  signOutAgent: 'SIGN_OUT_AGENT',
};

const invalid = (message: string) => new ExpectedError('INVALID_INPUT', message);

export const operationOf = ({ action, kind }: Pick<ControlRequest, 'action' | 'kind'>): ControlOperation => {
  const operation = plain[action] ?? byKind[action]?.[kind ?? 'AUDIO'];
  if (operation) return operation;
  throw invalid(`kind ${kind} cannot be used with ${action}; use AUDIO or SCREEN.`);
};

/** Text that is no text has become U+FFFD on its way in, so that two that differ would be one. */
const requireText = (value: string, name: string): void => {
  if (value.includes('\uFFFD') || !value.isWellFormed()) {
    throw invalid(`${name} holds a lone surrogate or U+FFFD, which every such character becomes; give it in well-formed Unicode.`);
  }
};

/** Of a text that goes to the vendor, and into the ledger, the audit trail and the event log. */
const maxTextLength = 1000;

const requireShort = (value: string, name: string, max = maxTextLength): void => {
  if (value.length > max) throw invalid(`${name} has ${value.length} characters; use at most ${max}.`);
};

/** Throws INVALID_INPUT for an identifier without a value, and for one that may be another's. */
export const requireReference = (agent: AgentReference): void => {
  requireText(agent.value, 'the value of agent');
  requireShort(agent.value, 'the value of agent', maxIdentifierLength);
  if (agent.value.trim() === '') {
    throw invalid(`agent is empty: the value of its identifier ${agent.identifier} is missing; give the value that the vendor uses.`);
  }
};

export const requireKey = (idempotencyKey: string | null | undefined): string | null => {
  if (idempotencyKey === null || idempotencyKey === undefined) return null;
  requireText(idempotencyKey, 'idempotencyKey');
  if (idempotencyKey.trim() !== '' && idempotencyKey.length <= 200) return idempotencyKey;
  throw invalid('idempotencyKey must have 1 to 200 characters, such as a new UUID; to use none, leave it out.');
};

/** The reference as it is understood, for the hash of a request. */
export const referenceInput = ({ source, ...lookup }: AgentReference) => ({ source, ...understoodLookup(lookup) });

/** Gives the reason that the capability gives, where there is one. */
export const unsupported = ({ name, notes }: Pick<VendorSource, 'name' | 'notes'>, operation: Operation): ExpectedError => {
  const reason = notes?.[operation] ?? 'its vendor has no such command. RecordingSource.capabilities lists what it can do.';
  return new ExpectedError('UNSUPPORTED', `Source ${name} does not support ${operation}: ${reason}`);
};

/** The source by name; one out of the caller's reach is answered as if it were not there, and written down. */
export const requireReachable = (
  { sources, noteRefused }: Pick<ControlContext, 'sources' | 'noteRefused'>,
  name: string,
  { principal, operation, correlationId }: Caller & { operation: string },
): VendorSource => {
  const source = sources.get(name);
  if (source && reaches(principal, name)) return source;
  if (source) noteRefused(principal, { lacks: 'reach', what: [operation], source: name, correlationId });
  throw new ExpectedError(
    'NOT_FOUND',
    `There is no source named "${name.slice(0, 64)}"; the query "sources" lists the sources that you can use.`,
  );
};

/** The entries with each key as the source spells it: keys are found in any case. */
const checkedMetadata = (metadata: readonly MetadataEntry[], allowed: readonly string[] | undefined): readonly MetadataEntry[] => {
  const seen = new Set<string>();
  return metadata.map(({ key, value }) => {
    if (key.trim() === '') throw invalid('metadata has an entry with an empty key; name the field to write.');
    const spelt = allowed === undefined ? key : allowed.find((one) => one.toLowerCase() === key.toLowerCase());
    if (spelt === undefined) {
      throw invalid(
        allowed!.length === 0
          ? 'this source does not accept metadata; leave it out.'
          : `metadata key "${key.slice(0, 64)}" is not accepted by this source; use ${allowed!.join(', ')}.`,
      );
    }
    if (seen.has(spelt)) throw invalid(`metadata contains the key "${key.slice(0, 64)}" twice; use each key once.`);
    seen.add(spelt);
    requireShort(spelt, 'a metadata key');
    requireShort(value, `the value of the metadata key "${key.slice(0, 64)}"`);
    return { key: spelt, value };
  });
};

/** The text without spaces around it; undefined where none is given. */
const nonEmpty = (given: string | null | undefined, name: string): string | undefined => {
  const value = given?.trim();
  if (value === '') throw invalid(`${name} is empty; give a value or leave it out.`);
  requireShort(value ?? '', name);
  return value;
};

const writesMetadata: ReadonlySet<ControlAction> = new Set(['startRecording', 'stopRecording', 'updateRecording']);

/** The arguments as they are understood, for the hash of a request: the order of metadata says nothing. */
export const hashedArguments = ({ metadata, ...given }: CommandArguments): Record<string, unknown> => ({
  ...given,
  metadata: metadata && Object.fromEntries(metadata.map(({ key, value }) => [key, value])),
});

/** The arguments of the operation, and none that it does not take. */
export const argumentsOf = (request: ControlRequest, operation: ControlOperation, source: VendorSource): CommandArguments => {
  const given: CommandArguments = {};
  const metadata = request.metadata?.length ? checkedMetadata(request.metadata, source.metadataKeys) : null;
  if (request.action === 'updateRecording' && !metadata) {
    throw invalid('metadata is empty; give at least one key and its value.');
  }
  if (metadata && writesMetadata.has(request.action)) given.metadata = metadata;
  if (operation === 'START_RECORDING' || operation === 'START_SCREEN_RECORDING') {
    const fileName = nonEmpty(request.fileName, 'fileName');
    if (fileName !== undefined) given.fileName = fileName;
    given.mode = request.mode ?? 'OVERWRITE';
  }
  if (operation === 'START_DUPLICATE_RECORDING' || operation === 'STOP_DUPLICATE_RECORDING') {
    const call = nonEmpty(request.call, 'call');
    if (call !== undefined) given.call = call;
  }
  if (operation === 'SIGN_IN_AGENT') {
    const phone = nonEmpty(request.phone, 'phone');
    if (phone !== undefined) given.phone = phone;
  }
  if (operation === 'SIGN_IN_AGENT' || operation === 'SIGN_OUT_AGENT') given.force = request.force ?? false;
  return given;
};
