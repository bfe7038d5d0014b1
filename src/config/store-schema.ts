/** The blocks `store:` and `bus:`. */
import * as z from 'zod';

const days = () => z.number().positive();

const unreadableUrl =
  'cannot be read as user:password@host:port; special characters in a user name or password need percent-encoding: # is %23, / is %2F, ? is %3F, @ is %40, % is %25';

const isPercentEncoded = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
};

/** Detects unencoded special characters: #, / and ? in a password end the authority before its host, and % starts an escape sequence. */
const isReadableUrl = (text: string): boolean => {
  if (/^(sqlite|memory):/.test(text)) return true;
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || url.hash !== '') return false;
  return !url.pathname.includes('@') && !url.search.includes('@') && isPercentEncoded(url.username + url.password);
};

const storeUrl = z
  .string()
  .regex(/^(sqlite:(?!$|\/\/(?!\/))|postgres(ql)?:\/\/)/, {
    error: 'must be sqlite: and a path, such as sqlite:./data/tapegraph.db, or start with postgres://',
    abort: true,
  })
  .refine(isReadableUrl, unreadableUrl);

/** Tells what is wrong with the URL of a store; null where nothing is. */
export const storeUrlFault = (url: string): string | null => storeUrl.safeParse(url).error?.issues[0]?.message ?? null;

export const store = z
  .strictObject({
    url: storeUrl.default('sqlite:./data/tapegraph.db').describe('sqlite:<path> or postgres://user:password@host/database.'),
    eventDays: days().default(7).describe('How many days the event log is kept for streams that resume.'),
    keepDays: z
      .strictObject({
        calls: days().optional().describe('Calls that have ended. Default: for ever.'),
        recordings: days().optional().describe('Recordings, without the audio that the vendor keeps. Default: for ever.'),
        events: days().optional().describe('The event log. Default: eventDays.'),
      })
      .prefault({})
      .describe('After how many days old rows are deleted. The ledger, blackouts and the audit trail are never deleted.'),
    eventRows: z.number().int().positive().default(1_000_000).describe('The maximum number of events to keep.'),
  })
  .prefault({});

export const bus = z
  .strictObject({
    url: z
      .string()
      .regex(/^(memory:$|amqps?:\/\/)/, { error: 'must be memory: or start with amqp://', abort: true })
      .refine(isReadableUrl, unreadableUrl)
      .default('memory:')
      .describe('memory: for one server, amqp://user:password@host for several.'),
    exchange: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, - or _')
      .default('tapegraph.events')
      .describe(
        "The exchange that the servers share; their queues' names start with it. Servers with another store need another exchange.",
      ),
  })
  .prefault({});
