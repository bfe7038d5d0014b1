/** The limit: no GraphQL at all. node:http, undici, and the answer written by hand. */
import { createServer } from 'node:http';
import { agentOf, agentsOfBoard, agentsOfOffice, externalIdOf, get, ready, recordingsOfAgent, stream } from './vendor.mjs';

const answers = {
  board: async () => ({ agents: { nodes: await agentsOfBoard() } }),
  office: async () => ({
    office: {
      nodes: await Promise.all(
        (await agentsOfOffice()).map(async (agent) => ({ ...agent, recordings: { nodes: await recordingsOfAgent(agent.externalId) } })),
      ),
    },
  }),
  entities: async (representations) => {
    const all = new Map((await get('/uptivity100/api/Agent/GetAll')).map((agent) => [String(agent.AgentId), agent]));
    return {
      _entities: representations.map((given) => {
        const externalId = externalIdOf(given);
        const { phone, activeCall } = agentOf(all.get(externalId));
        return { externalId, phone, activeCall: activeCall && { externalId: activeCall.externalId } };
      }),
    };
  },
};

/** Stands for the document: which of the three answers it asks for. */
const answerOf = (query) => (query.includes('_entities') ? 'entities' : query.includes('office') ? 'office' : 'board');

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    stream(request.url).then(({ headers, body }) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': headers['content-length'] });
      body.pipe(response);
    });
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
    const bytes = Buffer.from(JSON.stringify({ data: await answers[answerOf(query)](variables?.representations) }));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    response.end(bytes);
  });
}).listen(0, '127.0.0.1', () => ready(server.address().port));
