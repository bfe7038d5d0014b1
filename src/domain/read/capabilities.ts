import type { Capability } from '../model/entities.ts';
import { blackoutOperations, type ControlOperation, type Operation, operations, type Support } from '../model/enums.ts';
import type { VendorSource } from '../ports/vendor.ts';

/** How a source can do each operation, read off its port: what is absent is UNSUPPORTED. */
export const capabilitiesOf = (source: VendorSource): readonly Capability[] => {
  const native = (has: unknown): Support => (has ? 'NATIVE' : 'UNSUPPORTED');
  const supportOf = (operation: Operation): Support => {
    if (operation === 'LIST_AGENTS') return native(source.agents);
    if (operation === 'OBSERVE_AGENT' || operation === 'OBSERVE_CALL') return native(source.observes.includes(operation));
    if (operation === 'LIST_RECORDINGS') return native(source.recordings);
    if (operation === 'DOWNLOAD_MEDIA') return native(source.media);
    if ((blackoutOperations as readonly string[]).includes(operation)) return source.blackouts?.support ?? 'UNSUPPORTED';
    return native(source.control?.[operation as ControlOperation]);
  };
  return operations.map((operation) => ({ operation, support: supportOf(operation), note: source.notes?.[operation] ?? null }));
};
