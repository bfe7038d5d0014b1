/** Filters and pages of what is stored. */
import type { Instant, SourceKey } from '../model/entities.ts';
import type {
  AgentStatus,
  BlackoutState,
  CallState,
  CommandStatus,
  Operation,
  Party,
  RecordingKind,
  RecordingState,
} from '../model/enums.ts';

export interface AgentFilter {
  sources?: readonly string[] | null | undefined;
  vendors?: readonly string[] | null | undefined;
  statuses?: readonly AgentStatus[] | null | undefined;
  onCall?: boolean | null | undefined;
  blackedOut?: boolean | null | undefined;
  search?: string | null | undefined;
}

/** `agents` holds keys, since one person's page may span sources only by way of several keys. Null and absent mean any. */
export interface CallFilter {
  sources?: readonly string[] | null | undefined;
  states?: readonly CallState[] | null | undefined;
  agent?: SourceKey | null | undefined;
  startedAfter?: Instant | null | undefined;
  startedBefore?: Instant | null | undefined;
  /** A number of either side; compared by its digits' end, so that `+45…` and `0045…` find each other. */
  number?: string | null | undefined;
  /** Of the queue's name, exactly. */
  queue?: string | null | undefined;
}

export interface RecordingFilter {
  sources?: readonly string[] | null | undefined;
  kinds?: readonly RecordingKind[] | null | undefined;
  states?: readonly RecordingState[] | null | undefined;
  agent?: SourceKey | null | undefined;
  call?: SourceKey | null | undefined;
  party?: Party | null | undefined;
  startedAfter?: Instant | null | undefined;
  startedBefore?: Instant | null | undefined;
  number?: string | null | undefined;
  /** Of the name of the recorded call's queue, exactly. */
  queue?: string | null | undefined;
}

export interface BlackoutFilter {
  sources?: readonly string[] | null | undefined;
  states?: readonly BlackoutState[] | null | undefined;
  agent?: SourceKey | null | undefined;
  startedAfter?: Instant | null | undefined;
  startedBefore?: Instant | null | undefined;
}

export interface CommandFilter {
  sources?: readonly string[] | null | undefined;
  operations?: readonly Operation[] | null | undefined;
  statuses?: readonly CommandStatus[] | null | undefined;
  agent?: SourceKey | null | undefined;
  requestedBy?: string | null | undefined;
  requestedAfter?: Instant | null | undefined;
  requestedBefore?: Instant | null | undefined;
}

/** Where a page goes on: the sort key (epoch ms, newest first) and the row's own id, which breaks ties. */
export type Position = readonly [sortMs: number, rowId: string];

export interface PageRequest<F> {
  filter: F;
  first: number;
  after: Position | null;
}

export interface Page<T> {
  items: readonly T[];
  positions: readonly Position[];
  hasNextPage: boolean;
}

/** `requests` in, pages out, in order. */
export interface Pageable<T, F> {
  pages(requests: readonly PageRequest<F>[]): Promise<readonly Page<T>[]>;
  /** How many rows match; null where there are more than `max`, since they are counted no further. */
  count(filter: F, max: number): Promise<number | null>;
}
