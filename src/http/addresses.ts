/** The addresses of requests, which a proxy may have changed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './http-error.ts';
import { requireMethod } from './reply.ts';

/** The path below the public URL's own, which a proxy may take off or leave on. */
export const localPath = (pathname: string, basePath: string): string =>
  basePath !== '' && (pathname === basePath || pathname.startsWith(`${basePath}/`)) ? pathname.slice(basePath.length) || '/' : pathname;

/**
 * Sends a browser from `/path` to `/path/`: the pages name their files relative to a folder. The location is relative as well, so that it holds
 * behind a proxy that adds a path of its own.
 */
export const redirectIntoFolder = (request: IncomingMessage, response: ServerResponse, { pathname, search }: URL): void => {
  requireMethod(request, 'GET', 'HEAD');
  response.writeHead(308, { location: `./${pathname.slice(pathname.lastIndexOf('/') + 1)}/${search}`, 'content-length': 0 }).end();
};

/** Reads a path that starts with two slashes as a path still, not as another host. */
export const addressOf = ({ url = '/' }: IncomingMessage): URL => {
  const address = url.startsWith('/') ? `http://server.invalid${url}` : url;
  const parsed = URL.parse(address);
  if (parsed === null) throw new HttpError(400, 'BAD_REQUEST', 'The address cannot be read.');
  return parsed;
};
