import * as z from 'zod';

/** The public vendor kit: all that a vendor imports, whether it lives here or in a package of its own. */

export type {
  Agent,
  AgentDevice,
  Call,
  CallLeg,
  Instant,
  Interval,
  MetadataEntry,
  Recording,
  SourceHealth,
} from '../../domain/model/entities.ts';
export type {
  AgentIdentifier,
  AgentStatus,
  CallDirection,
  CallState,
  ControlOperation,
  Operation,
  Party,
  ProblemCode,
  RecordingKind,
  RecordingState,
  Support,
} from '../../domain/model/enums.ts';
export { liveRecordingStates } from '../../domain/model/enums.ts';
export { ExpectedError, type ExpectedErrorOptions, isExpectedError } from '../../domain/model/errors.ts';
export { epochMs, epochMsOrNull, instant } from '../../domain/model/instant.ts';
export { type AgentSnapshot, type Observation, type ObservationBatch, observationsOf } from '../../domain/model/observation.ts';
export { pause } from '../../domain/pause.ts';
export type { Clock } from '../../domain/ports/clock.ts';
export type { AudioEncoding, ByteRange, MediaReader, OpenedMedia } from '../../domain/ports/media.ts';
export type {
  AgentLookup,
  AgentReader,
  BlackoutControl,
  ControlHandler,
  Observer,
  RecordingReader,
  VendorAnswer,
  VendorCommand,
  VendorSource,
} from '../../domain/ports/vendor.ts';
export type { DeadLetter, VendorContext, VendorState } from '../../domain/ports/vendor-context.ts';
export type { Webhook, WebhookHead, WebhookRequest, WebhookResponse } from '../../domain/ports/webhook.ts';
export { holdBack, readAhead } from '../../lib/bytes.ts';
export { sameJson } from '../../lib/same-json.ts';
export { withoutEnding } from '../../lib/text.ts';
export { createTurns, type Turns } from '../../lib/turns.ts';
export { abortable } from './abortable.ts';
export { clockProblem, createVendorClock, epochMsByMagnitude, type VendorClock } from './clock-difference.ts';
export { defineVendor, maxStalenessMsOf, type SourceParts, type VendorDefinition, type VendorModule } from './define-vendor.ts';
export { type AudioHints, audioHeadBytes, type DetectedAudio, detectAudio } from './detect-audio.ts';
export { createEmptyListGuard } from './empty-list.ts';
export { inOurTime, observingInOurTime, snapshotsInOurTime } from './in-our-time.ts';
export { decodeText, parseJson, readJson } from './json.ts';
export { createListReader } from './list-reader.ts';
export {
  backOffMs,
  type Poll,
  type PollingObserver,
  type PollingObserverOptions,
  type PollLoop,
  pollingObserver,
  pollLoop,
} from './polling-observer.ts';
export { anyCaseObject } from './property-names.ts';
export { declaredLength, headerOf, mayFileFollow } from './recorded-file.ts';
export { reported } from './reported.ts';
export { sameSecret } from './same-secret.ts';
export { apiOptions, type CommonSettings, commonSettings } from './settings.ts';
export { sharedIdentifier } from './shared-identifier.ts';
export { createUnreadableItems } from './unreadable-items.ts';
export { unreadableSnapshot } from './unreadable-snapshot.ts';
export { createVendorApi } from './vendor-api.ts';
export type {
  CallContext,
  JsonAnswer,
  JsonRequest,
  VendorApi,
  VendorApiOptions,
  VendorRequest,
  VendorResponse,
  VendorStream,
} from './vendor-request.ts';
/** The library of schemas that settings and answers are read with. */
export { z };
