/** The limits of one request. The same numbers hold for every transport. */
export interface Limits {
  /** Levels of fields; introspection is not counted. */
  depth: number;
  /** Aliased fields, each use of a fragment counted. */
  aliases: number;
  /** Directives, each use of a fragment counted. */
  directives: number;
  /** Fields at the root, repeated ones included. */
  rootFields: number;
  /** Fields in all, each use of a fragment counted. */
  fields: number;
  /** Lexical tokens of a document; it has half as many lines at most. */
  tokens: number;
  /** Estimate by `@cost` and `@listSize`, before execution. */
  cost: number;
  /** The same for operations that ask for nothing but `_entities`, as gateways do: their size is another page's. */
  entityCost: number;
  /** Representations of one `_entities`; all those of an operation have twice as many at most. */
  entities: number;
  /** Items of any other list in an argument. */
  listLength: number;
  /** Operations in one HTTP request; 1 turns batching off. */
  batch: number;
  bodyBytes: number;
  /** Levels of lists and objects in JSON from outside. */
  jsonDepth: number;
  /** Values in one JSON from outside, lists and objects included. */
  jsonValues: number;
  /** A WebSocket message. */
  messageBytes: number;
  hookBodyBytes: number;
  /** Connections that have not said who they are; the one that has been idle longest makes room for another. */
  strangers: number;
  /** The largest page; resolvers refuse more, and the estimate counts no more. */
  pageSize: number;
  /** WebSockets and event streams that one caller may hold open. */
  socketsPerCaller: number;
  subscriptionsPerSocket: number;
  /** The most that one caller's open subscriptions may cost an event together, by `@cost` and `@listSize`. */
  subscriptionCost: number;
  /** The bytes that may wait to be sent on one connection before its streams pause. */
  bufferBytes: number;
  /** The bytes that may wait to be sent on all connections together before the slowest are dropped. */
  bufferBytesTogether: number;
  /** How long a consumer may leave them paused before it is dropped. */
  slowConsumerSeconds: number;
  /** Refill of a caller's token bucket, which holds twice as many. */
  requestsPerSecond: number;
  heartbeatSeconds: number;
  /** How long a WebSocket may take to send `connection_init`. */
  connectionInitSeconds: number;
  /** Documents kept parsed and validated. */
  documents: number;
}

export const defaultLimits: Limits = {
  depth: 12,
  aliases: 30,
  directives: 30,
  rootFields: 30,
  fields: 1000,
  tokens: 4000,
  cost: 5000,
  entityCost: 20_000,
  entities: 1000,
  listLength: 100,
  batch: 10,
  bodyBytes: 262_144,
  jsonDepth: 32,
  jsonValues: 10_000,
  messageBytes: 262_144,
  hookBodyBytes: 1_048_576,
  strangers: 256,
  pageSize: 100,
  socketsPerCaller: 1000,
  subscriptionsPerSocket: 100,
  subscriptionCost: 20_000,
  bufferBytes: 1_048_576,
  bufferBytesTogether: 67_108_864,
  slowConsumerSeconds: 10,
  requestsPerSecond: 1000,
  heartbeatSeconds: 12,
  connectionInitSeconds: 3,
  documents: 1000,
};
