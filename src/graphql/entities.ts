/** Resolves global ids and gateways' representations; null for the unknown. */

import type { SourceKey } from '../domain/model/entities.ts';
import { parseNodeId } from '../domain/model/ids.ts';
import { isWithinReach } from '../domain/read/sources.ts';
import type { GraphContext } from './context.ts';
import { loadAgent, loadBlackout, loadCall, loadCommand, loadRecording } from './loaders.ts';

/** A gateway's representation; its fields are unchecked. */
interface Representation {
  id?: unknown;
  name?: unknown;
  sourceName?: unknown;
  externalId?: unknown;
}

/** Neighbours hold vendors' ids as numbers, too; null for what can be no text. */
const textOf = (value: unknown): string | null => (typeof value === 'number' ? String(value) : typeof value === 'string' ? value : null);

const keyOf = (rest: string): SourceKey | null => {
  const colon = rest.indexOf(':');
  return colon < 1 ? null : { source: rest.slice(0, colon), externalId: rest.slice(colon + 1) };
};

/** An instance of an entity's class; federation reads `__typename`. */
export interface EntityInstance {
  readonly __typename: string;
}

type Loaded = Promise<EntityInstance | null> | EntityInstance | null;

const byKey: Record<string, (key: SourceKey, context: GraphContext) => Loaded> = {
  Agent: (key, context) => loadAgent(context, key),
  Call: (key, context) => loadCall(context, key),
  Recording: (key, context) => loadRecording(context, key),
};

const byRest: Record<string, (rest: string, context: GraphContext) => Loaded> = {
  RecordingSource: (rest, { read, show }) => (isWithinReach(read, rest) ? show.source(rest) : null),
  Blackout: (rest, context) => loadBlackout(context, rest),
  ControlCommand: (rest, context) => loadCommand(context, rest),
};

/** Loads what the rest of an id of `type` names. */
const load = (type: string, rest: string, context: GraphContext): Loaded => {
  const key = byKey[type] ? keyOf(rest) : null;
  return key && key.externalId !== '' ? byKey[type]!(key, context) : (byRest[type]?.(rest, context) ?? null);
};

/** An entity of `type` by any of its keys. */
export const resolveReference = (type: string, given: Representation, context: GraphContext): Loaded => {
  if (given.id != null) {
    const parsed = parseNodeId(textOf(given.id) ?? '');
    return parsed?.type === type ? load(type, parsed.rest, context) : null;
  }
  const [name, source, externalId] = [textOf(given.name), textOf(given.sourceName), textOf(given.externalId)];
  if (type === 'RecordingSource') return name === null ? null : load(type, name, context);
  return source === null || !externalId || !byKey[type] ? null : byKey[type]({ source, externalId }, context);
};

/** The types that gateways may name. */
export const entityTypes = [...Object.keys(byKey), ...Object.keys(byRest)];
