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

export interface Storage {
  /** Keeps a track; `file` is the name without its ending. */
  keep(file: string, startSeconds: number, lengthSeconds: number): void;
  pushedLink(file: string): string;
  signedLink(file: string): string;
  customLink(file: string, startSeconds: number): string;
  /** Deletes the plain objects. */
  forgetObjects(): void;
  /** Hides every file for as long as it is true. */
  withhold(value: boolean): void;
  serve(request: IncomingMessage, response: ServerResponse): void;
}

export const createStorage = (clock: Clock, random: Random, switches: TencentSwitches, baseUrl: () => string): Storage => {
  const files = new Map<string, StoredFile>();
  const objects = new Map<string, string>();
  const filesByPath = new Map<string, string>();
  const links = new Map<string, { file: string; untilMs: number }>();
  const custom = new Map<string, string>();
  let withheld = false;

  /** A link whose path holds what a careless client would encode anew: plus, equals and percent signs. */
  const signedLink = (file: string): string => {
    const token = Buffer.from(JSON.stringify({ token: `${random.hex(12)}>>>???`, nonce: random.between(0, 1e9) })).toString('base64');
    const name = objects.get(file)!.split('/').at(-1)!;
    const path = `/tcccadmin/getRecord/${random.hex(16)}/${token.replaceAll('/', '%2F')}/${name}`;
    links.set(path, { file, untilMs: clock.now() + switches.linkSeconds * 1000 });
    if (links.size > 20_000) links.delete(links.keys().next().value!);
    return `${baseUrl()}${path}`;
  };

  const plainLink = (file: string): string => `${baseUrl()}${objects.get(file)}`;

  const find = (path: string): { file: StoredFile } | { status: number } => {
    const link = links.get(path);
    if (link && link.untilMs <= clock.now()) return { status: 403 };
    const name = link?.file ?? filesByPath.get(path) ?? custom.get(path);
    const file = name === undefined || withheld ? undefined : files.get(name);
    if (!file) return { status: path.startsWith('/tcccadmin/') ? 403 : 404 };
    return { file };
  };

  return {
    keep: (file, startSeconds, lengthSeconds) => {
      if (files.has(file)) return;
      files.set(file, { seconds: Math.max(1, lengthSeconds), hertz: 300 + (files.size % 8) * 60 });
      const month = String(new Date(startSeconds * 1000).getUTCMonth() + 1).padStart(2, '0');
      const path = `/def/month${month}/000-339708937-12367-${random.hex(32)}-000-${startSeconds}.mp3`;
      objects.set(file, path);
      filesByPath.set(path, file);
      if (files.size > 20_000) {
        const oldest = files.keys().next().value!;
        files.delete(oldest);
        filesByPath.delete(objects.get(oldest) ?? '');
        objects.delete(oldest);
      }
    },
    pushedLink: (file) => (switches.pushedLinks === 'signed' ? signedLink(file) : plainLink(file)),
    signedLink,
    customLink: (file, startSeconds) => {
      const hour = new Date(startSeconds * 1000).toISOString().slice(0, 13).replace('T', '/').replaceAll('-', '/');
      const path = `/record/${hour}/${startSeconds}_${file}.mp3`;
      custom.set(path, file);
      return `${baseUrl()}${path}`;
    },
    forgetObjects: () => filesByPath.clear(),
    withhold: (value) => {
      withheld = value;
    },
    serve: (request, response) => {
      const found = find(request.url ?? '');
      if ('status' in found) {
        const code = found.status === 403 ? 'AccessDenied' : 'NoSuchKey';
        response.writeHead(found.status, { 'content-type': 'application/xml' });
        response.end(`<?xml version='1.0' encoding='utf-8' ?><Error><Code>${code}</Code></Error>`);
        return;
      }
      const bytes = toneMp3(found.file.seconds, found.file.hertz);
      const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
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
    },
  };
};
