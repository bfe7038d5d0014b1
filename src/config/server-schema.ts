/** The block `server:`. */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';

/** True for a URL that paths can be added to. */
const isPlainUrl = (text: string): boolean => !URL.canParse(text) || !/[?#]|:\/\/[^/]*@/.test(text);
const isAddressOrNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** A scheme, a host and perhaps a port, as browsers write it in `Origin`, where `:*` stands for every port; or `*`. */
const origin = /^(?:\*|[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:[\]*]+)(?::(?:\d{1,5}|\*))?)$/;
const callbackHost = /^(?:\*\.)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

export const server = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(4000)
      .describe('The port to listen on; 0 selects a free port, which the line "ready at URL" prints.'),
    publicUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .refine(isPlainUrl, 'must end with its path, and have no query, fragment or user name')
      .optional()
      .describe(
        'The URL that clients use, which can have a path. Links to audio start with it. Default: the address that the server listens on.',
      ),
    trustedProxies: z
      .array(z.string().refine(isAddressOrNetwork, 'must be an IP address or a network such as 10.0.0.0/8'))
      .default([])
      .describe('Addresses and networks of proxies whose X-Forwarded-For header counts. If any is set, no request counts as local.'),
    playground: z.boolean().optional().describe('Serves the playground to browsers at /graphql. Default: only on loopback.'),
    introspection: z.boolean().optional().describe('Allows introspection of the schema. Default: only on loopback.'),
    corsOrigins: z
      .array(z.string().regex(origin, 'must be an origin without a path, such as https://crm.example.com or http://localhost:*, or *'))
      .default([])
      .describe(
        'Origins whose pages can send requests, such as https://crm.example.com, http://localhost:* for every port, or * for all. Default: none.',
      ),
    callbackHosts: z
      .array(z.string().regex(callbackHost, 'must be a host, such as router.example.com, router.example.com:4040 or *.example.com'))
      .default([])
      .describe('Hosts that may receive subscription callbacks. Default: none.'),
    trustedDocuments: z.string().optional().describe('A manifest of operations (id to text). The server executes nothing else.'),
    name: z.string().min(1).optional().describe('The name of this server among several. Default: host name and process.'),
    installation: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, - or _')
      .optional()
      .describe('Separates two installations on one broker. Servers that share a store have the same value.'),
  })
  .prefault({});
