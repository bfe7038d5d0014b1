/** Takes what a vendor sends by itself, at `/hooks/{source}`. */

export interface WebhookRequest {
  method: string;
  /** The path after `/hooks/{source}`, such as `` or `/oauth2/token`. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface WebhookResponse {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: string;
}

export type WebhookHead = Omit<WebhookRequest, 'body'>;

export interface Webhook {
  /** Called before the body is read: returns the answer to a sender who does not prove itself by its head, null for others. */
  admit?(head: WebhookHead): Promise<WebhookResponse | null>;
  /** Bytes, verify, read, persist, answer: what it acknowledges is committed. */
  handle(request: WebhookRequest): Promise<WebhookResponse>;
}
