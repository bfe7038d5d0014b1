/** Checks that a source, and its observations, keep what the server relies on. */
import assert from 'node:assert/strict';
import type { Agent } from '../../../domain/model/entities.ts';
import {
  type AgentIdentifier,
  agentIdentifiers,
  agentStatuses,
  callDirections,
  callStates,
  operations,
  parties,
  recordingKinds,
  recordingStates,
} from '../../../domain/model/enums.ts';
import type { Observation } from '../../../domain/model/observation.ts';
import type { VendorSource } from '../../../domain/ports/vendor.ts';

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const checkText = (value: unknown, path: string): void => {
  if (typeof value === 'string') {
    assert.ok(value.isWellFormed(), `${path} is not well-formed`);
    if (/At$|Since$|Until$/.test(path)) assert.match(value, instantPattern, path);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) checkText(inner, `${path}.${name}`);
  }
};

/** The words that a field of an observation may hold. */
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  'agent.status': agentStatuses,
  'call.state': callStates,
  'call.direction': callDirections,
  'recording.kind': recordingKinds,
  'recording.state': recordingStates,
  'recording.party': parties,
};

const checkWords = (kind: string, fields: object): void => {
  for (const [name, value] of Object.entries(fields)) {
    const words = wordsOf[`${kind}.${name}`];
    if (words && value !== undefined)
      assert.ok(words.includes(value), `${kind}.${name} is ${JSON.stringify(value)}, and may be one of ${words.join(', ')}`);
  }
};

/** The shape of observations that the server accepts. */
export const checkObservations = (observations: readonly Observation[]): void => {
  for (const observation of observations) {
    const named =
      observation.type === 'agent'
        ? observation.agent.externalId
        : observation.type === 'call'
          ? observation.call.externalId
          : observation.type === 'recording'
            ? observation.recording.externalId
            : observation.agent;
    assert.ok(typeof named === 'string' && named !== '', `${observation.type} names nothing`);
    checkText(observation, observation.type);
    if (observation.type === 'agent') checkWords('agent', observation.agent);
    if (observation.type === 'call') checkWords('call', observation.call);
    if (observation.type === 'recording') checkWords('recording', observation.recording);
  }
};

/** The properties of an agent that its identifiers name; they are looked up in lower case and without spaces around them. */
export const namedBy: Readonly<Record<Exclude<AgentIdentifier, 'ID'>, keyof Agent>> = {
  PHONE: 'phone',
  EMAIL: 'email',
  SIP_URI: 'sipUri',
  SYNC_ID: 'syncId',
  USERNAME: 'username',
  SYSTEM_USERNAME: 'systemUsername',
  CRM_USERNAME: 'crmUsername',
};

export const checkCapabilities = (source: VendorSource): void => {
  const isOperation = (operation: string): boolean => (operations as readonly string[]).includes(operation);
  for (const operation of source.observes)
    assert.ok(/^OBSERVE_(AGENT|CALL)$/.test(operation), `observes names ${operation}, and may name OBSERVE_AGENT and OBSERVE_CALL`);
  for (const identifier of source.agents?.identifiers ?? [])
    assert.ok(agentIdentifiers.includes(identifier), `agents.identifiers names ${identifier}, and may name ${agentIdentifiers.join(', ')}`);
  for (const [operation, handler] of Object.entries(source.control ?? {})) {
    assert.ok(isOperation(operation), `control.${operation} is no command that the server sends`);
    assert.equal(typeof handler, 'function', `control.${operation} is absent where it cannot be done, not a value`);
  }
  const { blackouts, control } = source;
  if (blackouts?.support === 'NATIVE') assert.ok(blackouts.start && blackouts.stop, 'a NATIVE blackout has a start and a stop');
  if (blackouts?.support === 'EMULATED') {
    assert.ok(control?.STOP_RECORDING && control.START_RECORDING, 'an EMULATED blackout is composed of STOP_RECORDING and START_RECORDING');
    assert.ok(!blackouts.start && !blackouts.stop, 'an EMULATED blackout has no command of its own');
  }
  if (blackouts)
    assert.ok((source.maxAgentBlackoutMs ?? 0) > 0, 'a source with blackouts says in maxAgentBlackoutMs how long one may last');
  if (source.observes.length > 0) assert.ok(source.observer ?? source.webhook, 'what is observed comes from an observer or a webhook');
};
