import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request on its way to what answers at its address. */
export interface Routed {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** The address that the request comes from, behind trusted proxies. */
  client: string;
  correlationId: string;
}
