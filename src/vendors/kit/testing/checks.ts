/** What the server relies on in a source and in its observations. */
import assert from 'node:assert/strict';
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
  }
};

export const checkCapabilities = (source: VendorSource): void => {
  for (const [operation, handler] of Object.entries(source.control ?? {})) {
    assert.equal(typeof handler, 'function', `control.${operation} is absent where it cannot be done, not a value`);
  }
  const { blackouts, control } = source;
  if (blackouts?.support === 'NATIVE') assert.ok(blackouts.start && blackouts.stop, 'a NATIVE blackout has a start and a stop');
  if (blackouts?.support === 'EMULATED') {
    assert.ok(control?.STOP_RECORDING && control.START_RECORDING, 'an EMULATED blackout is composed of STOP_RECORDING and START_RECORDING');
    assert.ok(!blackouts.start && !blackouts.stop, 'an EMULATED blackout has no command of its own');
  }
  if (blackouts) assert.ok((source.maxAgentBlackoutMs ?? 0) > 0, 'a source with blackouts says how long one may last');
  if (source.observes.length > 0) assert.ok(source.observer ?? source.webhook, 'what is observed comes from an observer or a webhook');
};
