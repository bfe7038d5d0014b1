import type * as z from 'zod';
import type { VendorSource } from '../../domain/ports/vendor.ts';
import type { VendorContext } from '../../domain/ports/vendor-context.ts';

/** The properties of a source that the kit sets: its identity, and what follows from the common settings. */
type Derived = 'name' | 'vendor' | 'vendorType' | 'timeoutMs' | 'maxStalenessMs' | 'confirmMs' | 'maxAgentBlackoutMs';

/** The source that a vendor's `create` makes. An absent property is what the vendor cannot do. */
export type SourceParts = Omit<VendorSource, Derived> & Partial<Pick<VendorSource, 'maxStalenessMs' | 'confirmMs' | 'maxAgentBlackoutMs'>>;

/** The settings that `defineVendor` reads itself; all others are the vendor's own. */
interface DerivingSettings {
  name: string;
  timeoutSeconds?: number | undefined;
  confirmSeconds?: number | undefined;
  maxStalenessSeconds?: number | undefined;
  pollSeconds?: number | undefined;
}

interface ServerReach {
  /** True if the server can be reached from its own machine only. */
  loopbackOnly: boolean;
}

export interface VendorDefinition<Settings extends DerivingSettings> {
  /** The word for it in the configuration's `vendor:`, and `vendorType` in the API. */
  type: string;
  /** Names the vendor and the interface that is spoken, for people. */
  title: string;
  /** Reads the source's block of the configuration; reports every fault at once. */
  settings: z.ZodType<Settings>;
  /** The value of the contract's `Vendor` enum: only the vendors of this server have one, all others are OTHER. */
  vendor?: string;
  /** Tells why a server that can be reached in this way may not have such a source; null where it may. Reported with all other faults. */
  fault?(settings: Settings, server: ServerReach): string | null;
  create(settings: Settings, context: VendorContext): SourceParts;
}

/** One vendor, as the registry lists it and `plugins` bring it. */
export interface VendorModule<Settings extends DerivingSettings = DerivingSettings> {
  readonly type: string;
  readonly title: string;
  readonly vendor: string;
  readonly settings: z.ZodType<Settings>;
  fault?: VendorDefinition<Settings>['fault'] | undefined;
  create(settings: Settings, context: VendorContext): VendorSource;
}

/** How old live state may be. Where it is not set: two polls, at least five seconds; 30 seconds where nothing is polled. */
export const maxStalenessMsOf = ({
  maxStalenessSeconds,
  pollSeconds,
}: Pick<DerivingSettings, 'maxStalenessSeconds' | 'pollSeconds'>): number =>
  (maxStalenessSeconds ?? (pollSeconds === undefined ? 30 : Math.max(2 * pollSeconds, 5))) * 1000;

/** Refuses what the compiler would: a plug-in may be plain JavaScript. */
const assertParts = (type: string, parts: SourceParts | undefined): void => {
  if (!Array.isArray(parts?.observes))
    throw new TypeError(`create of the vendor "${type}" must return "observes", a list that may be empty`);
  for (const name of ['health', 'close'] as const)
    if (typeof parts[name] !== 'function') throw new TypeError(`create of the vendor "${type}" must return "${name}", a function`);
};

export const defineVendor = <Settings extends DerivingSettings>(definition: VendorDefinition<Settings>): VendorModule<Settings> => {
  const { type, title, vendor = 'OTHER', settings, create, fault } = definition;
  return {
    type,
    title,
    vendor,
    settings,
    fault,
    create: (given, context) => {
      const parts = create(given, context);
      assertParts(type, parts);
      return {
        maxStalenessMs: maxStalenessMsOf(given),
        confirmMs: (given.confirmSeconds ?? 10) * 1000,
        maxAgentBlackoutMs: null,
        ...parts,
        name: given.name,
        vendor,
        vendorType: type,
        timeoutMs: given.timeoutSeconds === undefined ? undefined : given.timeoutSeconds * 1000,
      };
    },
  };
};
