/** The GUID and the cookies of a session, as requests carry and answers renew them. */
import { headerOf, type VendorResponse } from '../kit/index.ts';

/** The credentials of a session at the gateway. */
export interface Credentials {
  guid: string;
  cookies: Readonly<Record<string, string>>;
}

export interface Renewal {
  /** Null where the answer brought no new one. */
  guid: string | null;
  /** Cookies that the answer set; an empty value takes one away. */
  cookies: Readonly<Record<string, string>>;
}

export const renewalOf = (headers: VendorResponse['headers']): Renewal => {
  const guid = headerOf({ headers }, 'set-guid')
    .split(';')[0]!
    .trim()
    .replace(/^JSESSIONID=/i, '');
  const cookies: Record<string, string> = {};
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const dropped = attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-)/i.test(attribute));
    cookies[pair.slice(0, equals).trim()] = dropped ? '' : pair.slice(equals + 1).trim();
  }
  return { guid: guid || null, cookies };
};

export const headersOf = (credentials: Credentials | undefined): Record<string, string> => {
  const cookies = Object.entries(credentials?.cookies ?? {});
  return {
    'content-type': 'application/json; charset=UTF-8',
    ...(credentials ? { guid: credentials.guid } : {}),
    ...(cookies.length > 0 ? { cookie: cookies.map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
  };
};
