import { epochMsOrNull, type Recording, type VendorContext } from '../kit/index.ts';
import type { Piece } from './mapping.ts';

const maxSettled = 50_000;

/** By the vendor's own word, which no correction of its clock moves; rows of earlier versions have the time alone. */
const beganAt = ({ vendorData, startedAt }: Recording, wanted: string): boolean => {
  const told = typeof vendorData?.startedUtc === 'string' ? vendorData.startedUtc : startedAt;
  return told !== null && epochMsOrNull(told) === epochMsOrNull(wanted);
};

/**
 * Gives a recording the id under which it was first seen: a list may name its file only later, or by another name. The same call, agent and
 * start are the same recording.
 */
export const createSettledIds = (known: VendorContext['known']) => {
  /** By the id that the list's own fields make. */
  const settled = new Map<string, string>();

  const firstIdOf = async (piece: Piece): Promise<string> => {
    const { startedAt } = piece;
    if (piece.direct || startedAt === null) return piece.externalId;
    const others = await known.recordingsOfCall(piece.call);
    if (others.some(({ externalId }) => externalId === piece.externalId)) return piece.externalId;
    const first = others.find((one) => one.agent === piece.agent && beganAt(one, startedAt));
    return first?.externalId ?? piece.externalId;
  };

  /** Of those that turn out to be one recording, the first. */
  return async (pieces: readonly Piece[]): Promise<readonly Piece[]> => {
    if (settled.size > maxSettled) settled.clear();
    const found = new Map<string, Piece>();
    const byStart = new Map<string, string>();
    for (const piece of pieces) {
      const start = `${piece.call} ${piece.agent} ${piece.direct || piece.startedAt === null ? piece.externalId : epochMsOrNull(piece.startedAt)}`;
      const id = settled.get(piece.externalId) ?? byStart.get(start) ?? (await firstIdOf(piece));
      settled.set(piece.externalId, id);
      byStart.set(start, id);
      if (!found.has(id)) found.set(id, id === piece.externalId ? piece : { ...piece, externalId: id });
    }
    return [...found.values()];
  };
};
