/** The kinds of recordings that an EMULATED blackout stops, and what of them has to run again after it. Pure. */
import type { Recording } from '../model/entities.ts';
import type { ControlOperation } from '../model/enums.ts';
import type { VendorSource } from '../ports/vendor.ts';

/** The commands that stop and start each kind of recording that can be stopped. A duplicate is stopped and not started again. */
export const kinds = [
  { kind: 'AUDIO', isDuplicate: false, stop: 'STOP_RECORDING', start: 'START_RECORDING' },
  { kind: 'AUDIO', isDuplicate: true, stop: 'STOP_DUPLICATE_RECORDING', start: null },
  { kind: 'SCREEN', isDuplicate: false, stop: 'STOP_SCREEN_RECORDING', start: 'START_SCREEN_RECORDING' },
] as const;

type Kind = (typeof kinds)[number];

export const stoppingOperations: readonly ControlOperation[] = kinds.map(({ stop }) => stop);
export const startingOperations: readonly ControlOperation[] = kinds.flatMap(({ start }) => start ?? []);

export const isOf =
  ({ kind, isDuplicate }: Kind) =>
  (recording: Recording): boolean =>
    recording.kind === kind && recording.isDuplicate === isDuplicate;

/** Returns true if the source has a command that stops the recording; no source has one for video. */
export const isStoppable =
  (source: VendorSource | undefined) =>
  (recording: Recording): boolean =>
    kinds.some((one) => source?.control?.[one.stop] !== undefined && isOf(one)(recording));
