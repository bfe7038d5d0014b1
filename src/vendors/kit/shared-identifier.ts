import type { AgentIdentifier } from '../../domain/model/enums.ts';
import { ExpectedError } from '../../domain/model/errors.ts';

/** Makes the error of an identifier that several agents bear, which names them by their ids. */
export const sharedIdentifier = (source: string, identifier: AgentIdentifier, ids: readonly string[]): ExpectedError =>
  new ExpectedError(
    'CONFLICT',
    `${source}: several agents have this ${identifier} (${ids.toSorted().join(', ')}); name one of them by ID.`,
  );
