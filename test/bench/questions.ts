/** The compared queries, as each server is sent them, and what makes the answers comparable. */
import { isDeepStrictEqual } from 'node:util';
import type { PeerName } from './peers.ts';

export interface Question {
  query: string;
  variables?: object;
  /** Brings an answer's data into the shape of ours, where a peer's REST source cannot make it. */
  normalise?: (data: never) => unknown;
}

export type Questions = Partial<Record<PeerName | 'ours', Question>>;

const callFields = 'externalId vendorState caller called queue recordings { externalId isDuplicate vendorState }';
const agentFields = `externalId phone username systemUsername deviceId activeCall { ${callFields} }`;
const board: Question = { query: `query Board { agents(first: 50) { nodes { ${agentFields} } } }` };

interface Flat {
  externalId: unknown;
  activeCall: { metadata?: object };
}

/** 50 agents with what they are in: the answer is a list where it cannot be wrapped, ids are numbers where they cannot be texts. */
export const boardQuestions: Questions = {
  ours: { query: `query Board { agents(first: 50, filter: { sources: ["hq"] }) { nodes { ${agentFields} } } }` },
  limit: board,
  mercurius: board,
  yoga: board,
  apollo: board,
  string: { query: '{ board }' },
  tailcall: {
    query: `query Board { agents { ${agentFields} } }`,
    normalise: ({ agents }: { agents: Flat[] }) => ({
      agents: { nodes: agents.map((agent) => ({ ...agent, externalId: String(agent.externalId) })) },
    }),
  },
  mesh: {
    query: `query Board { agents { externalId: AgentId phone: AgentPhone username: Username systemUsername: SystemUsername deviceId: DeviceId
      activeCall: ActiveCall { externalId: CallInstance vendorState: CallState metadata: Metadata { caller: ani called: dnis queue: gate }
        recordings: Recordings { externalId: RecordingIdentifier isDuplicate: IsDuplicate vendorState: RecordingState } } } }`,
    normalise: ({ agents }: { agents: Flat[] }) => ({
      agents: {
        nodes: agents.map(({ activeCall: { metadata, ...call }, ...agent }) => ({
          ...agent,
          externalId: String(agent.externalId),
          activeCall: { ...call, ...metadata },
        })),
      },
    }),
  },
};

const officeFields = 'externalId name recordings(first: 5) { nodes { fileName endpoint } }';
const office: Question = { query: `query Office { office(first: 20) { nodes { ${officeFields} } } }` };

interface OfficeAgent {
  externalId: unknown;
  recordings: unknown;
}

/** Recordings of 20 agents, each of whom is a vendor call. */
export const officeQuestions: Questions = {
  ours: { query: `query Office { office: agents(first: 20, filter: { sources: ["office"] }) { nodes { ${officeFields} } } }` },
  limit: office,
  mercurius: office,
  yoga: office,
  apollo: office,
  tailcall: {
    query: 'query Office { office { externalId name recordings { fileName endpoint } } }',
    normalise: (data: { office: OfficeAgent[] }) => ({
      office: {
        nodes: data.office.map((agent) => ({
          ...agent,
          externalId: String(agent.externalId),
          recordings: { nodes: agent.recordings },
        })),
      },
    }),
  },
};

const entitiesOf = (keyOf: (externalId: string) => object): Question => ({
  query: `query Entities($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Agent { externalId phone activeCall { externalId } } } }`,
  variables: {
    representations: Array.from({ length: 100 }, (_, index) => ({ __typename: 'Agent', ...keyOf(String(index + 1)) })),
  },
});

const allAsk = (question: Question): Questions => ({ ours: question, limit: question, apollo: question });

/** Fetches 100 agents at once, as a gateway does. */
export const entitiesByKeyQuestions = allAsk(entitiesOf((externalId) => ({ sourceName: 'hundred', externalId })));
export const entitiesByIdQuestions = allAsk(
  entitiesOf((externalId) => ({ id: Buffer.from(`Agent:hundred:${externalId}`).toString('base64url') })),
);

const own = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Throws unless every answer says the same, after each peer's own documented normalisation. */
export const requireSameAnswers = (answers: readonly { name: string; question: Question; text: string }[]): void => {
  const read = answers.map(({ name, question, text }) => {
    const { data, errors } = JSON.parse(text);
    if (errors) throw new Error(`${name} answers with errors: ${text.slice(0, 500)}`);
    return { name, data: own(question.normalise ? question.normalise(data as never) : data) };
  });
  const [first, ...others] = read;
  for (const other of others) {
    if (!isDeepStrictEqual(first!.data, other.data)) {
      throw new Error(
        `${other.name} does not answer what ${first!.name} does:\n${JSON.stringify(first!.data).slice(0, 600)}\n${JSON.stringify(other.data).slice(0, 600)}`,
      );
    }
  }
};
