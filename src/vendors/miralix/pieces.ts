import type { Observation } from '../../domain/observation.ts';
import { type Piece, recordedCallObservation, recordingObservation } from './mapping.ts';

/** How many recordings are remembered; an older one that is listed again is only reported again. */
const kept = 50_000;

export interface PieceBook {
  /** The pieces that are new or differ from what was reported. */
  changed(pieces: readonly Piece[]): readonly Piece[];
  /** Recordings and their calls. A call is told with every recording of it that is known, whosever list showed them. */
  observations(pieces: readonly Piece[]): readonly Observation[];
  reported(pieces: readonly Piece[]): void;
  /** A download that found no file, or found it after all. */
  setAbsent(recording: string, absent: boolean): void;
}

/** Remembers the recordings that lists have shown, since each poll shows the trailing window again. */
export const createPieceBook = (): PieceBook => {
  const ofCalls = new Map<string, Map<string, Piece>>();
  const absent = new Set<string>();
  let size = 0;
  const same = (piece: Piece): boolean => JSON.stringify(ofCalls.get(piece.call)?.get(piece.externalId)) === JSON.stringify(piece);

  const together = (pieces: readonly Piece[]): readonly Piece[][] => {
    const calls = new Map<string, Map<string, Piece>>();
    for (const piece of pieces) {
      const call = calls.get(piece.call) ?? new Map(ofCalls.get(piece.call));
      calls.set(piece.call, call.set(piece.externalId, piece));
    }
    return [...calls.values()].map((call) => [...call.values()]);
  };

  return {
    changed: (pieces) => pieces.filter((piece) => !same(piece)),
    observations: (pieces) => [
      ...together(pieces).map(recordedCallObservation),
      ...pieces.map((piece) => recordingObservation(piece, absent.has(piece.externalId))),
    ],
    reported: (pieces) => {
      for (const piece of pieces) {
        const call = ofCalls.get(piece.call) ?? new Map<string, Piece>();
        if (!call.has(piece.externalId)) size += 1;
        ofCalls.set(piece.call, call.set(piece.externalId, piece));
      }
      for (const [call, ofCall] of ofCalls) {
        if (size <= kept) break;
        ofCalls.delete(call);
        size -= ofCall.size;
      }
    },
    setAbsent: (recording, isAbsent) => {
      if (isAbsent) absent.add(recording);
      else absent.delete(recording);
    },
  };
};
