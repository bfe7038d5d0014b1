/** The test kit for vendors, here and in packages of their own. */
export { type Alteration, type AlteringProxy, alterations, startAlteringProxy } from './altering-proxy.ts';
export { checkObservations } from './checks.ts';
export { breakages, type Fault, type FaultServer, faults, hangs, type RejectingStatus, startFaultServer } from './fault-server.ts';
export type { RunningHarness, VendorHarness } from './harness.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
export { agentOf, type OperationKind, operationsOf, recordingOf, type SourceOperations, type VendorOperation } from './operations.ts';
export { testVendor } from './test-vendor.ts';
export { createVendorContext, type RecordedVendorContext } from './vendor-context.ts';
