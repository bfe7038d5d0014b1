/** Shares with every peer the vendor's HTTP, read with undici, and the names that the compared queries use. */
import { Pool } from 'undici';

const pool = new Pool(new URL(process.env.VENDOR).origin, { connections: 64 });

/** GET, parsed. */
export const get = async (path) => {
  const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { accept: 'application/json' } });
  if (statusCode !== 200) throw new Error(`the vendor answered ${statusCode}`);
  return body.json();
};

/** The answer's bytes, unread. */
export const stream = (path) => pool.request({ path, method: 'GET' });

export const recordingOf = ({ RecordingIdentifier, IsDuplicate, RecordingState }) => ({
  externalId: RecordingIdentifier,
  isDuplicate: IsDuplicate,
  vendorState: RecordingState,
});

export const callOf = ({ CallInstance, CallState, Metadata, Recordings }) => ({
  externalId: CallInstance,
  vendorState: CallState,
  caller: Metadata.ani,
  called: Metadata.dnis,
  queue: Metadata.gate,
  recordings: Recordings.map(recordingOf),
});

export const agentOf = (agent) => ({
  externalId: String(agent.AgentId),
  phone: agent.AgentPhone,
  username: agent.Username,
  systemUsername: agent.SystemUsername,
  deviceId: agent.DeviceId,
  activeCall: agent.ActiveCall && callOf(agent.ActiveCall),
});

/** Of a representation, by either key. */
export const externalIdOf = ({ id, externalId }) => externalId ?? Buffer.from(id, 'base64url').toString().split(':')[2];

export const agentsOfBoard = async () => (await get('/uptivity/api/Agent/GetAll')).map(agentOf);

export const agentsOfOffice = async () =>
  (await get('/mot/bench/agents?state=any')).map(({ AgentId, AgentName }) => ({ externalId: String(AgentId), name: AgentName }));

export const recordingsOfAgent = async (externalId) =>
  (await get(`/mot/bench/agents/id/${externalId}/recordings`)).map(({ RecordingFileName, Caller }) => ({
    fileName: RecordingFileName,
    endpoint: Caller,
  }));

/** The schema of the peers that take SDL: the part of ours that the compared queries ask for. */
export const typeDefs = `
  type Query {
    agents(first: Int): AgentConnection!
    office(first: Int): OfficeConnection!
  }
  type AgentConnection { nodes: [Agent!]! }
  type Agent {
    externalId: String!
    phone: String
    username: String
    systemUsername: String
    deviceId: String
    activeCall: Call
  }
  type Call {
    externalId: String!
    vendorState: String
    caller: String
    called: String
    queue: String
    recordings: [Recording!]!
  }
  type Recording { externalId: String! isDuplicate: Boolean! vendorState: String }
  type OfficeConnection { nodes: [OfficeAgent!]! }
  type OfficeAgent { externalId: String! name: String recordings(first: Int): OfficeRecordingConnection! }
  type OfficeRecordingConnection { nodes: [OfficeRecording!]! }
  type OfficeRecording { fileName: String endpoint: String }
`;

export const resolvers = {
  Query: {
    agents: async () => ({ nodes: await agentsOfBoard() }),
    office: async () => ({ nodes: await agentsOfOffice() }),
  },
  OfficeAgent: { recordings: async ({ externalId }) => ({ nodes: await recordingsOfAgent(externalId) }) },
};

export const ready = (port) => console.log(`ready at http://127.0.0.1:${port}`);
