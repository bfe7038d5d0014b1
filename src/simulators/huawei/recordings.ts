/** Recording on command, and downloads of what was recorded. */
import { toneAlaw } from '../kit/audio.ts';
import { type RouteAnswer, type RouteRequest, type SimulatedGateway, success } from './route.ts';

/** A WAV of A-law samples. */
const asWav = (samples: Buffer, promisesTwice: boolean): Buffer => {
  const promised = promisesTwice ? 2 * samples.length : samples.length;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + promised, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(6, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(promised, 40);
  return Buffer.concat([header, samples]);
};

export const startRecording =
  ({ contactCenter, switches }: SimulatedGateway) =>
  ({ workNo, body }: RouteRequest): RouteAnswer => {
    if (!switches.selfRecord) return { retcode: '500-011', message: 'self record is disabled' };
    if (body.mediaType !== 5 || String(body.fileName ?? '').length > 100) return { retcode: '000-002', message: 'invalid parameter' };
    const talking = contactCenter.callsOf(workNo).find((call) => call.talking && !call.held);
    if (!talking || contactCenter.recordingOf(workNo)) return { retcode: '500-008', message: 'wrong state' };
    const fileName = body.fileName ? String(body.fileName) : undefined;
    const segment = contactCenter.startRecording(workNo, { byClient: true, call: talking, fileName });
    return { message: 'success', result: { taskId: String(segment.taskId) } };
  };

export const recordScreen =
  ({ contactCenter, sessions }: SimulatedGateway, start: boolean) =>
  ({ workNo }: RouteRequest): RouteAnswer => {
    const allowed = contactCenter.screenRecorded.has(workNo) !== start;
    if (allowed && start) contactCenter.screenRecorded.add(workNo);
    if (allowed && !start) contactCenter.screenRecorded.delete(workNo);
    sessions.emit(workNo, `AgentMediaEvent_${start ? 'Start' : 'Stop'}RecordScreen_${allowed ? 'Succ' : 'Fail'}`, null);
    return success;
  };

export const download =
  ({ contactCenter, switches, clock }: SimulatedGateway) =>
  ({ query }: RouteRequest): RouteAnswer => {
    if (!switches.downloads) return { retcode: '104-001', message: 'download is not enabled', result: '' };
    if (switches.poolMode && !query.get('locationId')) return { retcode: '104-010', message: 'locationId is required', result: '' };
    const wanted = query.get('recordId');
    const segments = contactCenter.segments.filter(({ fileName }) => fileName === wanted);
    const readyAtMs = Math.max(...segments.map(({ endMs }) => endMs ?? Number.POSITIVE_INFINITY)) + switches.fileDelayMs;
    if (segments.length === 0 || clock.now() < readyAtMs) return { retcode: '104-005', message: 'file not found', result: '' };
    const tones = segments.map(({ beginMs, endMs }, index) =>
      toneAlaw(Math.min(60, Math.max(0.1, (endMs! - beginMs) / 1000)), 440 + index * 220),
    );
    return { file: switches.container === 'wav' ? asWav(Buffer.concat(tones), switches.cutShort) : Buffer.concat(tones) };
  };
