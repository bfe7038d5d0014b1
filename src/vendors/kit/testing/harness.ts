/** The harness of a vendor's tests: its simulator, and how a source is set up against it. */
import type { Recording } from '../../../domain/model/entities.ts';
import type { Clock } from '../../../domain/ports/clock.ts';
import type { AgentLookup } from '../../../domain/ports/vendor.ts';

export interface RunningHarness {
  simulator: { url: string; close(): Promise<void> };
  /** External id of an agent whom the simulator knows. */
  agent: string;
  /** The source's block of the configuration without name and vendor, for a vendor that is spoken to at `url`. */
  settings(url: string): Readonly<Record<string, unknown>>;
  /** Forgets what a vendor that starts anew no longer knows: its sessions. */
  forget?(): void;
  /** A recording that has audio there; in `vendorData`, `url` may be a path of the vendor's. Absent where nothing is downloaded. */
  recording?: Partial<Recording>;
  /** True where `recording` is one that the simulator does play. */
  plays?: boolean;
  /** Puts the agent into a call that is recorded, where blackouts need one. */
  startCall?(): void;
  /** Adds an agent who bears the same identifier as `agent`, and says which; absent where the vendor keeps them apart. */
  addBearer?(): AgentLookup;
  /** Requests that may be sent again after they broke off, though they are no reads: they do no more when they come twice. */
  repeatable?: RegExp;
}

export interface VendorHarness {
  start(clock: Clock): Promise<RunningHarness>;
}
