import { ExpectedError, type ProblemCode } from '../kit/index.ts';

/** The remedy for a code: sign in again, try again, or neither. */
type FailureClass = 'lost' | 'retry' | 'permanent';

const lost = new Set(['000-003', '100-006', '100-008', '105-005', '105-006', '105-007']);
const retry = new Set(['000-004', '000-007', '100-003', '100-007', '100-021', '105-002', '105-004', '104-012']);
/** The agent is signed in by somebody else, who may leave. */
export const heldElsewhere: ReadonlySet<string> = new Set(['100-002', '100-015']);
/** A recording file that may still be on its way. */
export const notThereYet: ReadonlySet<string> = new Set(['104-005', '104-012']);

const meanings = new Map<string, readonly [ProblemCode, string]>(
  Object.entries({
    '000-001': ['VENDOR_REJECTED', 'the gateway could not fetch events'],
    '000-002': ['INVALID_INPUT', 'the gateway does not accept these parameters; check the agent id and its range'],
    '000-003': ['NOT_SIGNED_IN', 'the session has ended; sign the agent in'],
    '000-004': ['VENDOR_UNAVAILABLE', 'the gateway is switching over to its stand-by'],
    '000-005': ['INVALID_INPUT', 'inspector and inspected agent are the same'],
    '000-006': ['INVALID_INPUT', 'the gateway does not accept a parameter of the message'],
    '000-007': ['CONFLICT', 'the same request is being handled already'],
    '100-001': ['INVALID_INPUT', 'a sign-in parameter is empty or not allowed'],
    '100-002': ['CONFLICT', 'the agent is signed in by another client; sign in with force to take over'],
    '100-003': ['VENDOR_UNAVAILABLE', 'a resource of the platform is not available'],
    '100-004': ['VENDOR_REJECTED', 'user or password is wrong; correct the agent in the configuration'],
    '100-005': ['INVALID_INPUT', 'a sign-out parameter is not allowed'],
    '100-006': ['NOT_SIGNED_IN', 'the agent is not signed in; sign it in'],
    '100-007': ['VENDOR_UNAVAILABLE', 'the gateway met an exception'],
    '100-008': ['NOT_SIGNED_IN', 'the agent has signed out already'],
    '100-009': ['VENDOR_REJECTED', 'the state could not be set, or the agent has no right to'],
    '100-010': ['CONFLICT', 'the agent is on a call; end the call, then sign out'],
    '100-011': ['INVALID_INPUT', 'a parameter is not allowed'],
    '100-012': ['INVALID_INPUT', 'the agent type is not allowed'],
    '100-013': ['INVALID_INPUT', 'the phone is not valid; correct the agent in the configuration'],
    '100-014': ['INVALID_INPUT', 'the phone is not in the allowed range; correct the agent in the configuration'],
    '100-015': ['CONFLICT', 'the agent is signed in by another client, and the gateway forbids taking over'],
    '100-016': ['VENDOR_REJECTED', "this server's address is not allowed to sign in"],
    '100-017': ['VENDOR_REJECTED', 'uPortal refused the sign-in'],
    '100-018': ['VENDOR_REJECTED', 'the agent belongs to another VDN'],
    '100-019': ['INVALID_INPUT', 'the skill query is not allowed'],
    '100-020': ['VENDOR_REJECTED', 'the password has expired; change it and the configuration'],
    '100-021': ['CONFLICT', 'a sign-in of this agent is running'],
    '104-001': ['MEDIA_UNAVAILABLE', 'downloading recordings is not enabled at the gateway'],
    '104-002': ['MEDIA_UNAVAILABLE', 'the agent has no inspection right'],
    '104-003': ['MEDIA_UNAVAILABLE', 'the gateway does not accept the file name'],
    '104-004': ['MEDIA_UNAVAILABLE', 'the gateway has no mapping for the drive of this file'],
    '104-005': ['MEDIA_UNAVAILABLE', 'the file is not there'],
    '104-006': ['MEDIA_UNAVAILABLE', 'the gateway has no space to convert the file'],
    '104-007': ['MEDIA_UNAVAILABLE', 'the format is not supported'],
    '104-008': ['MEDIA_UNAVAILABLE', 'the format is not configured at the gateway'],
    '104-009': ['MEDIA_UNAVAILABLE', 'the conversion failed'],
    '104-010': ['MEDIA_UNAVAILABLE', 'the location id is missing, which a CTI pool needs'],
    '104-011': ['MEDIA_UNAVAILABLE', 'the file could not be deleted'],
    '104-012': ['MEDIA_UNAVAILABLE', 'the file could not be fetched from object storage'],
    '105-001': ['VENDOR_UNAVAILABLE', 'the session is not in the stand-by store'],
    '105-002': ['VENDOR_UNAVAILABLE', 'the session is being recovered'],
    '105-004': ['VENDOR_UNAVAILABLE', 'the session could not be queued for recovery'],
    '105-005': ['NOT_SIGNED_IN', 'the session was not recovered in time; sign the agent in'],
    '105-006': ['NOT_SIGNED_IN', 'the session belongs to another node; sign the agent in'],
    '105-007': ['NOT_SIGNED_IN', 'session recovery is off; sign the agent in'],
    '110-016': ['VENDOR_REJECTED', 'the account is locked; unlock it at the platform'],
    '500-004': ['VENDOR_REJECTED', 'the recording is in the wrong state to be paused'],
    '500-006': ['VENDOR_REJECTED', 'the recording is in the wrong state to be resumed'],
    '500-008': ['VENDOR_REJECTED', 'a recording cannot be started in the current state of the agent'],
    '500-010': ['NOT_RECORDING', 'the agent is not being recorded'],
    '500-011': [
      'VENDOR_REJECTED',
      'the recording could not be started: recording by agents exists in private clouds only and needs IF_ENABLE_AGENT_SELFRECORD',
    ],
  }),
);

const failureClass = (retcode: string): FailureClass => (lost.has(retcode) ? 'lost' : retry.has(retcode) ? 'retry' : 'permanent');

/** The error that a `retcode` other than "0" means, said of `subject` (an operation, an agent). */
export const gatewayError = (subject: string, retcode: string): ExpectedError => {
  const [code, text] = meanings.get(retcode) ?? (['VENDOR_REJECTED', 'the gateway refused it'] as const);
  return new ExpectedError(code, `${subject}: ${text}.`, {
    vendorCode: retcode,
    retryable: failureClass(retcode) === 'retry' || notThereYet.has(retcode),
  });
};

/** A proxy before the gateway answered, and not the gateway: an id out of range looks so, and so does a gateway that is being restarted. */
class NoEnvelope extends Error {}

/** The code for an HTTP 404 without the gateway's envelope. */
export const notFoundBefore = (subject: string): ExpectedError => {
  const [code, text] = meanings.get('000-002')!;
  return new ExpectedError(code, `${subject}: ${text}.`, { vendorCode: '000-002', cause: new NoEnvelope('HTTP 404') });
};

/** An error of one interface by a session that is good for others. */
export const missingRight = (subject: string): ExpectedError =>
  new ExpectedError(
    'FORBIDDEN',
    `${subject}: the gateway refuses this interface to a session that other interfaces accept; grant the agent the right.`,
    {
      vendorCode: '000-003',
    },
  );

const classOf = (error: unknown): FailureClass | null => {
  if (!(error instanceof ExpectedError) || error.vendorCode === null || !/^\d{3}-\d{3}$/.test(error.vendorCode)) return null;
  return error.code === 'FORBIDDEN' ? 'permanent' : failureClass(error.vendorCode);
};

/** The gateway was sent the request and did not answer it, or with an error of its own. */
export const isVendorFailure = (error: unknown): error is ExpectedError =>
  error instanceof ExpectedError && !error.notSent && (error.code === 'VENDOR_UNAVAILABLE' || error.code === 'VENDOR_TIMEOUT');

/** The gateway may have done what was requested, although no answer says so. It did nothing where it, or a proxy before it, was too busy. */
export const isAnswerLost = (error: unknown): boolean =>
  error instanceof ExpectedError &&
  !error.notSent &&
  (error.code === 'VENDOR_TIMEOUT' ||
    (error.code === 'VENDOR_UNAVAILABLE' && (error.vendorCode === null || /^50[024]$/.test(error.vendorCode))));

/** The session is over, or it lacks the right to this one interface: the gateway says the same of both. */
export const isInterfaceForbidden = (error: unknown): boolean => error instanceof ExpectedError && error.vendorCode === '000-003';

/** The gateway lost the session in a switch-over, and says so. */
export const isLapsed = (error: unknown): boolean => error instanceof ExpectedError && /^105-00[567]$/.test(error.vendorCode ?? '');

export const isSessionLost = (error: unknown): boolean => classOf(error) === 'lost';

/** The gateway says that the same request may work in a moment. */
export const isPassing = (error: unknown): boolean => classOf(error) === 'retry';

/** Errors that no repetition mends: a wrong password, a locked account, an illegal phone. */
export const isPermanent = (error: unknown): boolean =>
  classOf(error) === 'permanent' && !heldElsewhere.has((error as ExpectedError).vendorCode!);

/** As `isPermanent`, where the gateway itself answered and not a proxy before it. */
export const isFinal = (error: unknown): boolean => isPermanent(error) && !((error as ExpectedError).cause instanceof NoEnvelope);
