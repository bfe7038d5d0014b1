/** Global ids: base64url of `Type:source:externalId` (or `Type:id`), opaque to clients. */

import type { SourceKey } from './entities.ts';
import { ExpectedError } from './errors.ts';

type NodeType = 'RecordingSource' | 'Agent' | 'Call' | 'Recording' | 'Blackout' | 'ControlCommand';
const nodeTypes: ReadonlySet<string> = new Set<NodeType>(['RecordingSource', 'Agent', 'Call', 'Recording', 'Blackout', 'ControlCommand']);

interface NodeId {
  type: NodeType;
  /** The part after the type: a source's name, `source:externalId`, or a plain id. */
  rest: string;
}

/** Base64url of the text's UTF-8 bytes; ASCII, which ids nearly always are, is its own. */
export const encodeBase64Url = (text: string): string => {
  const isAscii = /^[ -~]*$/.test(text);
  return btoa(isAscii ? text : String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};
const encode = encodeBase64Url;

/** Null for what is not base64url of UTF-8 text. */
export const decodeBase64Url = (text: string): string | null => {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    if (/^[ -~]*$/.test(binary)) return binary;
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

export const nodeId = (type: NodeType, rest: string): string => encode(`${type}:${rest}`);
export const keyId = (type: NodeType, key: SourceKey): string => encode(`${type}:${key.source}:${key.externalId}`);

/** Null for anything that this server never gave out. */
export const parseNodeId = (id: string): NodeId | null => {
  const text = decodeBase64Url(id);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 1) return null;
  const type = text.slice(0, colon);
  return nodeTypes.has(type) ? { type: type as NodeType, rest: text.slice(colon + 1) } : null;
};

/** The key inside a global id of `type`; null where the id is of no such kind. */
export const parseKeyId = (type: NodeType, id: string): SourceKey | null => {
  const parsed = parseNodeId(id);
  if (parsed?.type !== type) return null;
  const colon = parsed.rest.indexOf(':');
  return colon < 1 || colon === parsed.rest.length - 1
    ? null
    : { source: parsed.rest.slice(0, colon), externalId: parsed.rest.slice(colon + 1) };
};

/** As `parseKeyId`, for an argument: throws INVALID_INPUT that names it. */
export const requireKeyId = (type: NodeType, id: string, argument: string): SourceKey => {
  const key = parseKeyId(type, id);
  if (key === null) {
    throw new ExpectedError(
      'INVALID_INPUT',
      `${argument} is not the id of ${type === 'Agent' ? 'an' : 'a'} ${type}; give an id that this API returned as ${type}.id.`,
    );
  }
  return key;
};

/** One string for a map; a source's name holds no control characters. */
export const mapKey = (key: SourceKey): string => `${key.source}\u0000${key.externalId}`;

const natural = new Intl.Collator('en', { numeric: true });

/** By source, then by external id with numbers in their order; no two keys are equal. */
export const compareKeys = (a: SourceKey, b: SourceKey): number =>
  natural.compare(a.source, b.source) ||
  natural.compare(a.externalId, b.externalId) ||
  (a.source + a.externalId < b.source + b.externalId ? -1 : 1);
