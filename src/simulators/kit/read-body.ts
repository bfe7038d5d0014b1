import type { IncomingMessage } from 'node:http';

/** Reads a request's whole body; rejects where the client breaks off. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
