/** Behaviour that the vendor's pages leave open or a site sets; each may be changed at any time. */
export interface TencentSwitches {
  /** Waits before the second, third and fourth delivery. */
  retryDelaysMs: readonly number[];
  /** How long an answer to a push may take. */
  answerTimeoutMs: number;
  /** True if an HTTP status other than 200 counts as a failure where the body says ErrCode 0. */
  statusMatters: boolean;
  /** The order in which the pushes of one call leave. */
  order: 'shuffled' | 'cdrFirst' | 'cdrLast';
  /** True if pushed links are plain objects or signed links that expire. */
  pushedLinks: 'plain' | 'signed';
  /** How long a signed link is good. */
  linkSeconds: number;
  /** Adds CustomRecordURL: recordings are copied to the customer's own bucket. */
  customBucket: boolean;
  /** `key` and `label`, as in the older sample. */
  lowerCaseKeys: boolean;
  /** Sends the number of a voicemail's caller as a JSON number. */
  numericEndpointUser: boolean;
  /** Writes status words in lower case. */
  lowerCaseStatus: boolean;
  /** Where the OAuth2 client puts its id and secret. */
  oauth2Credentials: 'header' | 'body';
  /** The code for times out of range. */
  outOfRangeCode: string;
  /** Requests a second of each action. */
  requestsPerSecond: number;
}

export const usualSwitches: TencentSwitches = {
  retryDelaysMs: [1000, 5000, 10_000],
  answerTimeoutMs: 3000,
  statusMatters: true,
  order: 'shuffled',
  pushedLinks: 'plain',
  linkSeconds: 86_400,
  customBucket: false,
  lowerCaseKeys: true,
  numericEndpointUser: true,
  lowerCaseStatus: false,
  oauth2Credentials: 'header',
  outOfRangeCode: 'InvalidParameterValue',
  requestsPerSecond: 20,
};
