import agentByReference from '../../../schema/operations/agent-by-reference.graphql?raw';
import agentChanged from '../../../schema/operations/agent-changed.graphql?raw';
import agentsBoard from '../../../schema/operations/agents-board.graphql?raw';
import latestRecordings from '../../../schema/operations/latest-recordings.graphql?raw';
import recordingChanged from '../../../schema/operations/recording-changed.graphql?raw';
import startBlackout from '../../../schema/operations/start-blackout.graphql?raw';
import startRecording from '../../../schema/operations/start-recording.graphql?raw';
import stopBlackout from '../../../schema/operations/stop-blackout.graphql?raw';
import stopRecording from '../../../schema/operations/stop-recording.graphql?raw';
import type { SampleAgent } from './sample.ts';

export interface Example {
  query: string;
  variables: string;
}

const example = (query: string, variables: Record<string, unknown>): Example => ({ query, variables: JSON.stringify(variables, null, 2) });

/** With literals: the editor checks variables against a schema that knows no objects of the scalar `_Any`, and would mark them as wrong. */
const entities = ({ sourceName, externalId }: Pick<SampleAgent, 'sourceName' | 'externalId'>): string =>
  `# What a federation gateway sends: agents joined by the vendor's own id, many in one request.
query Entities {
  _entities(
    representations: [
      { __typename: "Agent", sourceName: ${JSON.stringify(sourceName)}, externalId: ${JSON.stringify(externalId)} }
    ]
  ) {
    ... on Agent {
      id
      name
      status
      statusSince
    }
  }
}
`;

/** One tab for each step: read, stream, black out, record, listen, join from a neighbouring subgraph. */
export const examples = (agent: SampleAgent | null): Example[] => {
  const { sourceName, externalId } = agent ?? { sourceName: 'hq', externalId: '1001' };
  const reference = { key: { source: sourceName, identifier: 'ID', value: externalId } };
  const keyed = (name: string) => ({
    input: { agent: reference, idempotencyKey: `playground-${name}-${crypto.randomUUID().slice(0, 8)}` },
  });
  return [
    { query: agentsBoard, variables: '' },
    example(agentByReference, { ref: reference }),
    example(agentChanged, {}),
    example(recordingChanged, {}),
    // A blackout needs no call, so the first command works whatever the agent does.
    example(startBlackout, { input: { ...keyed('blackout').input, reason: 'CARD_PAYMENT', maxDuration: 'PT2M' } }),
    example(stopBlackout, keyed('blackout-stop')),
    example(stopRecording, keyed('stop')),
    example(startRecording, keyed('start')),
    example(latestRecordings, { first: 1, format: 'ORIGINAL' }),
    { query: entities({ sourceName, externalId }), variables: '' },
  ];
};
