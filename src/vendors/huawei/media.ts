/** Downloads a recording by its file name, in the session of any agent who is signed in. */

import {
  type AudioEncoding,
  audioHeadBytes,
  declaredLength,
  detectAudio,
  ExpectedError,
  headerOf,
  holdBack,
  liveRecordingStates,
  type MediaReader,
  mayFileFollow,
  type OpenedMedia,
  parseJson,
  pause,
  type Recording,
  type VendorStream,
} from '../kit/index.ts';
import { encodings, formatOf, isPlausible } from './download-format.ts';
import { gatewayError, notThereYet } from './errors.ts';
import { type AgentSession, inSession } from './session-request.ts';
import type { HuaweiSettings } from './settings.ts';
import type { HuaweiSource } from './source.ts';
import { envelope } from './wire.ts';
import { withSession } from './with-session.ts';

const operation = 'downloadRecordFile';
const waitsMs = [500, 1_000, 2_000] as const;
const maxErrorBytes = 64 * 1024;
/** A file without a content-length is held back until it is over, or longer than this: only then is its length known. */
const heldBytes = 8 * 1024 * 1024;

/** Messages left to an IVR and third-party messages lie in folders of their own, and are another file type. */
export const fileTypeOf = (fileName: string): 1 | 2 => (/^[a-z]:[\\/]+(3rdfile[\\/]|[^\\/]+[\\/]record[\\/])/i.test(fileName) ? 2 : 1);

const readAll = async (stream: VendorStream): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream.body) {
    length += chunk.length;
    if (length > maxErrorBytes) break;
    chunks.push(chunk);
  }
  stream.close();
  return Buffer.concat(chunks).toString('utf8');
};

const unavailable = (recording: Recording, why: string, retryable = false) =>
  new ExpectedError(
    'MEDIA_UNAVAILABLE',
    `Recording ${recording.externalId}: ${why}.`,
    retryable ? { retryable, retryAfterSeconds: 5 } : {},
  );

const mayCome = (recording: Recording, nowMs: number): boolean => recording.endedAt === null || mayFileFollow(recording.endedAt, nowMs);

/** The recorded agent if signed in, else any agent who is: the gateway requires a session, of any agent. */
const findReader = async ({ settings, sessions }: HuaweiSource, recording: Recording): Promise<string> => {
  const preferred = recording.agent === null ? [] : settings.agents.filter(({ id }) => id === recording.agent);
  for (const { id } of [...preferred, ...settings.agents]) if ((await sessions.current(id)) !== null) return id;
  throw new ExpectedError('NOT_SIGNED_IN', `No agent of source ${settings.name} is signed in, and a download needs one; sign one in.`);
};

const pathOf = (agent: string, fileName: string, locationId: unknown): string => {
  const location =
    locationId === null || locationId === undefined || locationId === '' ? '' : `&locationId=${encodeURIComponent(String(locationId))}`;
  return `/recordfile/${agent}?recordId=${encodeURIComponent(fileName)}&filetype=${fileTypeOf(fileName)}${location}`;
};

const failureOf = (recording: Recording, status: number, text: string): ExpectedError => {
  const subject = `Recording ${recording.externalId}`;
  let body: unknown = null;
  try {
    body = parseJson(text);
  } catch {
    // A web page or half an answer; judged by its status below.
  }
  const read = envelope.safeParse(body);
  if (read.success && read.data.retcode !== '0') return gatewayError(subject, read.data.retcode);
  if (status === 401 || status === 403) return gatewayError(subject, '000-003');
  if (status === 404) return gatewayError(subject, '104-005');
  if (status === 429 || status >= 500) {
    return new ExpectedError('MEDIA_UNAVAILABLE', `${subject}: the gateway answered with HTTP ${status}.`, {
      retryable: true,
      vendorCode: String(status),
    });
  }
  return unavailable(recording, 'the gateway answered with something that is not audio');
};

interface DownloadedFormat {
  format: HuaweiSettings['downloadFormat'];
  encoding: AudioEncoding;
  /** True if the length of the file fits its duration in this format. */
  isRight: boolean;
}

const noteFormat = ({ settings, gateway }: HuaweiSource, { format, encoding, isRight }: DownloadedFormat): void => {
  if (encoding !== encodings[format]) return;
  const { name, downloadFormat } = settings;
  const problem = !isRight
    ? `${name}: by its length a download is not ${downloadFormat}, nor of another known format; check downloadFormat.`
    : format !== downloadFormat
      ? `${name}: by its length a download is ${format}, not ${downloadFormat}; set downloadFormat: ${format} if all are.`
      : null;
  gateway.noteProblem(problem, 'the coding of downloads');
};

interface Download {
  recording: Recording;
  fileName: string;
  signal: AbortSignal;
}

/** Downloads in the session of any agent. */
const openOnce = async (agentSession: AgentSession, { recording, fileName, signal }: Download): Promise<OpenedMedia> => {
  const { source, agent } = agentSession;
  const { settings, context, gateway } = source;
  const path = pathOf(agent, fileName, recording.vendorData?.locationId);
  const stream = await gateway.stream(inSession(agentSession, { operation, method: 'GET', path, signal }));
  const type = headerOf(stream, 'content-type').toLowerCase();
  if (stream.status !== 200 || /json|html|xml/.test(type)) throw failureOf(recording, stream.status, await readAll(stream));
  const declared = declaredLength(stream) || null;
  const { head, whole, isWhole } = await holdBack(stream.body, declared === null ? heldBytes : audioHeadBytes);
  const byteLength = declared ?? (isWhole ? head.length : null);
  if (head.length === 0) throw unavailable(recording, 'the gateway sent an empty file', mayCome(recording, context.clock.now()));
  if (/^\s*(\{\s*"|<(!doctype|html|\?xml))/i.test(Buffer.from(head.subarray(0, 64)).toString('latin1'))) {
    const text = Buffer.from(head).toString('utf8');
    stream.close();
    throw failureOf(recording, stream.status, text);
  }
  const format = formatOf(settings.downloadFormat, byteLength, recording.durationMs);
  const detected = detectAudio(head, { headerless: encodings[format] });
  if (detected === null) {
    stream.close();
    throw unavailable(recording, 'the gateway answered with something that is not audio');
  }
  gateway.works(operation, agent);
  const { encoding, contentType } = detected;
  noteFormat(source, { format, encoding, isRight: isPlausible(format, byteLength, recording.durationMs) });
  return {
    contentType,
    encoding,
    byteLength,
    range: null,
    body: whole,
    close: stream.close,
  };
};

export const createMediaReader = (source: HuaweiSource): MediaReader => ({
  ranges: false,
  open: async (recording, { signal }) => {
    const fileName = recording.fileName;
    if (liveRecordingStates.includes(recording.state)) throw unavailable(recording, 'it is still being written', true);
    if (fileName === null) throw unavailable(recording, 'the gateway has not reported its file name, which a download needs');
    if (fileName.startsWith('conferenceId='))
      throw unavailable(recording, 'the gateway does not provide videos of conferences by this interface');
    if (recording.kind === 'SCREEN') throw unavailable(recording, 'the gateway does not provide screen recordings');
    const agent = await findReader(source, recording);
    const download = { recording, fileName, signal };
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await withSession({ source, agent, operation, onlyReads: true }, (agentSession) => openOnce(agentSession, download));
      } catch (error) {
        if (!(error instanceof ExpectedError) || !notThereYet.has(error.vendorCode ?? '')) throw error;
        const mayStillCome = mayCome(recording, source.context.clock.now());
        const waitMs = mayStillCome ? waitsMs[attempt] : undefined;
        if (waitMs === undefined) {
          throw new ExpectedError('MEDIA_UNAVAILABLE', error.message, {
            vendorCode: error.vendorCode,
            retryable: mayStillCome || error.vendorCode === '104-012',
            retryAfterSeconds: mayStillCome ? 5 : null,
            cause: error,
          });
        }
        await pause(source.context.clock, waitMs, signal);
        signal.throwIfAborted();
      }
    }
  },
});
