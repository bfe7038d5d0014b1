/** The recordings' files: plain objects as pushes name them, and signed links as the API gives them out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';
import { toneMp3 } from '../kit/audio.ts';
import type { Random } from '../kit/random.ts';
import type { TencentSwitches } from './switches.ts';

interface StoredFile {
  seconds: number;
  hertz: number;
}

interface TrackTimes {
  /** Epoch seconds. */
  startSeconds: number;
  lengthSeconds: number;
}

export interface Storage {
  /** Keeps a track; `file` is the name without its ending. */
  keep(file: string, times: TrackTimes): void;
  pushedLink(file: string): string;
  signedLink(file: string): string;
  customLink(file: string, startSeconds: number): string;
  /** Deletes the plain objects. */
  forgetObjects(): void;
  /** Hides every file for as long as it is true. */
  withhold(value: boolean): void;
  serve(request: IncomingMessage, response: ServerResponse): void;
}

interface StorageOptions {
  clock: Clock;
  random: Random;
  switches: TencentSwitches;
  baseUrl(): string;
}

interface State extends StorageOptions {
  files: Map<string, StoredFile>;
  /** The path of each file's plain object, and the other way round where that is not deleted. */
  objects: Map<string, string>;
  filesByPath: Map<string, string>;
  /** Signed links by their path. */
  links: Map<string, { file: string; untilMs: number }>;
  /** Files in the customer's own bucket by their path. */
  custom: Map<string, string>;
  withheld: boolean;
}

const maxEntries = 20_000;

const keep = ({ random, files, objects, filesByPath }: State, file: string, { startSeconds, lengthSeconds }: TrackTimes): void => {
  if (files.has(file)) return;
  files.set(file, { seconds: Math.max(1, lengthSeconds), hertz: 300 + (files.size % 8) * 60 });
  const month = String(new Date(startSeconds * 1000).getUTCMonth() + 1).padStart(2, '0');
  const path = `/def/month${month}/000-339708937-12367-${random.hex(32)}-000-${startSeconds}.mp3`;
  objects.set(file, path);
  filesByPath.set(path, file);
  if (files.size <= maxEntries) return;
  const oldest = files.keys().next().value!;
  files.delete(oldest);
  filesByPath.delete(objects.get(oldest) ?? '');
  objects.delete(oldest);
};

/** A link whose path holds what a careless client would encode anew: plus, equals and percent signs. */
const signedLink = ({ clock, random, switches, baseUrl, objects, links }: State, file: string): string => {
  const token = Buffer.from(JSON.stringify({ token: `${random.hex(12)}>>>???`, nonce: random.between(0, 1e9) })).toString('base64');
  const name = objects.get(file)!.split('/').at(-1)!;
  const path = `/tcccadmin/getRecord/${random.hex(16)}/${token.replaceAll('/', '%2F')}/${name}`;
  links.set(path, { file, untilMs: clock.now() + switches.linkSeconds * 1000 });
  if (links.size > maxEntries) links.delete(links.keys().next().value!);
  return `${baseUrl()}${path}`;
};

const plainLink = ({ baseUrl, objects }: State, file: string): string => `${baseUrl()}${objects.get(file)}`;

const customLink = ({ baseUrl, custom }: State, file: string, startSeconds: number): string => {
  const hour = new Date(startSeconds * 1000).toISOString().slice(0, 13).replace('T', '/').replaceAll('-', '/');
  const path = `/record/${hour}/${startSeconds}_${file}.mp3`;
  custom.set(path, file);
  return `${baseUrl()}${path}`;
};

/** Returns the status of the refusal where a path leads to no file. */
const find = ({ clock, files, filesByPath, links, custom, withheld }: State, path: string): { file: StoredFile } | { status: number } => {
  const link = links.get(path);
  if (link && link.untilMs <= clock.now()) return { status: 403 };
  const name = link?.file ?? filesByPath.get(path) ?? custom.get(path);
  const file = name === undefined || withheld ? undefined : files.get(name);
  if (!file) return { status: path.startsWith('/tcccadmin/') ? 403 : 404 };
  return { file };
};

const sendBytes = (response: ServerResponse, bytes: Buffer, range: string | undefined): void => {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined) {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': bytes.length, 'accept-ranges': 'bytes' });
    response.end(bytes);
    return;
  }
  const start = Number(from);
  const end = Math.min(to ? Number(to) : bytes.length - 1, bytes.length - 1);
  if (start > end) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const part = bytes.subarray(start, end + 1);
  response.writeHead(206, {
    'content-type': 'audio/mpeg',
    'content-length': part.length,
    'content-range': `bytes ${start}-${end}/${bytes.length}`,
  });
  response.end(part);
};

const serve = (state: State, request: IncomingMessage, response: ServerResponse): void => {
  const found = find(state, request.url ?? '');
  if ('file' in found) {
    sendBytes(response, toneMp3(found.file.seconds, found.file.hertz), request.headers.range);
    return;
  }
  const code = found.status === 403 ? 'AccessDenied' : 'NoSuchKey';
  response.writeHead(found.status, { 'content-type': 'application/xml' });
  response.end(`<?xml version='1.0' encoding='utf-8' ?><Error><Code>${code}</Code></Error>`);
};

export const createStorage = (options: StorageOptions): Storage => {
  const maps = { files: new Map(), objects: new Map(), filesByPath: new Map(), links: new Map(), custom: new Map() };
  const state: State = { ...options, ...maps, withheld: false };
  return {
    keep: (file, times) => keep(state, file, times),
    pushedLink: (file) => (options.switches.pushedLinks === 'signed' ? signedLink(state, file) : plainLink(state, file)),
    signedLink: (file) => signedLink(state, file),
    customLink: (file, startSeconds) => customLink(state, file, startSeconds),
    forgetObjects: () => state.filesByPath.clear(),
    withhold: (value) => {
      state.withheld = value;
    },
    serve: (request, response) => serve(state, request, response),
  };
};
