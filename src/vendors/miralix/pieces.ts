import type { Observation } from '../kit/index.ts';
import { type Piece, recordedCallObservation, recordingObservation } from './mapping.ts';

/** How many recordings are remembered; an older one that is listed again is only reported again. */
const kept = 50_000;
/** How many sets of observations are remembered, and of how many pieces at most. */
const toldKept = 32;
const toldPieces = 1000;

export interface PieceBook {
  /** The pieces that are new or differ from what was reported. */
  changed(pieces: readonly Piece[]): readonly Piece[];
  /**
   * Recordings and their calls. A call is told with every recording of it that is known, whosever list showed them. The very same
   * observations again for the same pieces, while nothing else was learnt.
   */
  observations(pieces: readonly Piece[]): readonly Observation[];
  /** The recordings alone. */
  recordings(pieces: readonly Piece[]): readonly Observation[];
  reported(pieces: readonly Piece[]): void;
  /** A download that found no file, or found it after all. */
  setAbsent(recording: string, absent: boolean): void;
}

/** Remembers the recordings that lists have shown, since each poll shows the trailing window again. */
export const createPieceBook = (): PieceBook => {
  const ofCalls = new Map<string, Map<string, Piece>>();
  const absent = new Set<string>();
  let size = 0;
  const same = (piece: Piece): boolean => {
    const ofCall = ofCalls.get(piece.call);
    const known = ofCall?.get(piece.externalId);
    if (known === piece) return true;
    if (JSON.stringify(known) !== JSON.stringify(piece)) return false;
    // The next list shows this very piece again, most likely.
    ofCall!.set(piece.externalId, piece);
    return true;
  };
  let told: { pieces: readonly Piece[]; observations: readonly Observation[] }[] = [];

  const together = (pieces: readonly Piece[]): readonly Piece[][] => {
    const calls = new Map<string, Map<string, Piece>>();
    for (const piece of pieces) {
      const call = calls.get(piece.call) ?? new Map(ofCalls.get(piece.call));
      calls.set(piece.call, call.set(piece.externalId, piece));
    }
    return [...calls.values()].map((call) => [...call.values()]);
  };

  const recordings = (pieces: readonly Piece[]): readonly Observation[] =>
    pieces.map((piece) => recordingObservation(piece, absent.has(piece.externalId)));

  return {
    recordings,
    changed: (pieces) => pieces.filter((piece) => !same(piece)),
    observations: (pieces) => {
      const known = told.find((one) => one.pieces.length === pieces.length && one.pieces.every((piece, place) => piece === pieces[place]));
      if (known) return known.observations;
      const observations = [...together(pieces).map(recordedCallObservation), ...recordings(pieces)];
      if (pieces.length <= toldPieces) told = [{ pieces, observations }, ...told.slice(0, toldKept - 1)];
      return observations;
    },
    reported: (pieces) => {
      told = [];
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
      told = [];
      if (isAbsent) absent.add(recording);
      else absent.delete(recording);
    },
  };
};
