/** Wakes the servers that share a store: the events themselves are in its log. */
export interface Bus {
  /** Tells the other servers that the log has grown. Never waits for them nor throws; it may be lost, and they poll the log by themselves. */
  publish(): void;
  /** The handler is called when another server has published, and after a time in which that may have been missed. The returned function unsubscribes. */
  subscribe(handler: () => void): () => void;
  ping(): Promise<void>;
  close(): Promise<void>;
}
