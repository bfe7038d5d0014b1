/** Audio for clients: links, and the route that streams what they name. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recording } from '../../domain/model/entities.ts';
import type { MediaFormat } from '../../domain/model/enums.ts';
import type { Principal } from '../../domain/model/principal.ts';
import type { MediaLink } from '../../graphql/recording.ts';
import { createMediaContext, type MediaDependencies } from './context.ts';
import { linkMedia } from './link.ts';
import { serveMedia } from './serve.ts';

export interface Media {
  /** See `linkMedia`. */
  link(recording: Recording, format: MediaFormat, principal: Principal, correlationId: string): Promise<MediaLink>;
  /** See `serveMedia`; failures are counted by `client`. */
  serve(request: IncomingMessage, response: ServerResponse, token: string, client?: string): Promise<void>;
}

export const createMedia = (dependencies: MediaDependencies): Media => {
  const context = createMediaContext(dependencies);
  return {
    link: (recording, format, principal, correlationId) => linkMedia(context, recording, format, principal, correlationId),
    serve: (request, response, token, client = request.socket.remoteAddress ?? '') =>
      serveMedia(context, { request, response, token, client }),
  };
};
