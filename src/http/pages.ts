import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { reply } from './reply.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};
const compressible = /^(text|application\/json|image\/svg|font\/ttf)/;

/** Marks a page's root element; see `web/demo-badge.ts`. */
const markDemo = (page: Buffer): Buffer => Buffer.from(page.toString('utf8').replace('<html ', '<html data-demo '));

interface Page {
  contentType: string;
  bytes: Buffer;
  gzipped: Buffer | null;
  etag: string;
}

export interface Pages {
  /** False where there is no such page. `name` is relative to the pages' directory. */
  serve(request: IncomingMessage, response: ServerResponse, name: string): Promise<boolean>;
}

/**
 * Serves the built pages: read once, compressed once. A file that the build names by its hash may be cached for ever. `isDemo` marks the pages as a
 * demo's. sirv would save the table of types alone: it sends files as they lie on the disk, neither compressed by it nor marked.
 */
export const createPages = (directory: string, isDemo = false): Pages => {
  const root = path.resolve(directory);
  const kept = new Map<string, Promise<Page | null>>();

  const load = async (name: string): Promise<Page | null> => {
    const contentType = contentTypes[path.extname(name)];
    if (contentType === undefined) return null;
    try {
      const file = await readFile(path.join(root, name));
      const bytes = isDemo && contentType === contentTypes['.html'] ? markDemo(file) : file;
      const gzipped = compressible.test(contentType) && bytes.length > 1024 ? await promisify(gzip)(bytes) : null;
      return { contentType, bytes, gzipped, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
    } catch {
      return null;
    }
  };

  return {
    serve: async (request, response, name) => {
      // Plain names only: nothing that climbs, hides or escapes.
      if (!/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(name)) return false;
      const loading = kept.get(name) ?? load(name);
      const page = await loading;
      if (page === null) return false;
      kept.set(name, loading);
      const headers = {
        etag: page.etag,
        vary: 'accept-encoding, accept',
        'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      };
      if (request.headers['if-none-match'] === page.etag) {
        response.writeHead(304, headers).end();
      } else if (page.gzipped !== null && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
        reply(response, 200, { contentType: page.contentType, body: page.gzipped, headers: { ...headers, 'content-encoding': 'gzip' } });
      } else {
        reply(response, 200, { contentType: page.contentType, body: page.bytes, headers });
      }
      return true;
    },
  };
};

/** Returns true if a browser asks for a page and not for an API's answer. */
export const wantsPage = (request: IncomingMessage): boolean => {
  const accept = request.headers.accept ?? '';
  return (request.method === 'GET' || request.method === 'HEAD') && accept.includes('text/html') && !accept.includes('json');
};
