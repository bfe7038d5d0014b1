import type { LiveAgent } from './live-types.ts';

/** Returns a name that the caller may read. The only place that decides it, so that no other field stands in for a masked name. */
export type NameOf = (agent: Pick<LiveAgent, 'name' | 'username' | 'systemUsername' | 'externalId'>) => string;

/** The agent's name; the login or the recorder's own id where the recorder has no name. */
export const fullName: NameOf = ({ name, username, systemUsername, externalId }) =>
  name ?? username ?? systemUsername ?? `Agent ${externalId}`;

/** More characters than this do not fit into the line of a tile or a row. */
const maxInLine = 16;

/** How many lines a tile leaves to a name; the more there are, the smaller they are written. */
export const nameLines = ({ length }: string): 1 | 2 | 3 => (length <= maxInLine ? 1 : length <= 2 * maxInLine ? 2 : 3);

/** For a caller without `pii:read`: the recorder's id, or the masked name where that id is an address. */
export const maskedName: NameOf = ({ name, externalId }) => (externalId.includes('@') ? (name ?? 'Agent') : `Agent ${externalId}`);
