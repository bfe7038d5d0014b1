/** Finds the bearers of an identifier among known agents. */
import type { Agent, AgentDevice } from '../model/entities.ts';
import type { AgentIdentifier } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { AgentLookup } from '../ports/vendor.ts';

/** No vendor has an identifier that is longer. */
export const maxIdentifierLength = 1000;

const fieldOf: Record<AgentIdentifier, (agent: Agent) => string | null> = {
  ID: (agent) => agent.externalId,
  PHONE: (agent) => agent.phone,
  EMAIL: (agent) => agent.email,
  SIP_URI: (agent) => agent.sipUri,
  SYNC_ID: (agent) => agent.syncId,
  USERNAME: (agent) => agent.username,
  SYSTEM_USERNAME: (agent) => agent.systemUsername,
  CRM_USERNAME: (agent) => agent.crmUsername,
};

/** The identifiers that belong to a device, not to the agent as a whole. */
const deviceFieldOf: Partial<Record<AgentIdentifier, (device: AgentDevice) => string | null>> = {
  PHONE: ({ phone }) => phone,
  SYSTEM_USERNAME: ({ systemUsername }) => systemUsername,
};

/** A lookup as it is understood: without spaces around it, and without case unless it is an id. */
export const understoodLookup = ({ identifier, value }: AgentLookup): AgentLookup => ({
  identifier,
  value: identifier === 'ID' ? value.trim() : value.trim().toLowerCase(),
});

const isSame = (identifier: AgentIdentifier, wanted: string, value: string | null): boolean =>
  value !== null &&
  (identifier === 'ID'
    ? value === wanted
    : understoodLookup({ identifier, value }).value === understoodLookup({ identifier, value: wanted }).value);

/** Every device that the vendor lists the agent at; where it reports a single one, that one. */
export const devicesOf = ({ devices, phone, deviceId, deviceAlias, systemUsername }: Agent): readonly AgentDevice[] => {
  if (devices && devices.length > 0) return devices;
  return phone === null && deviceId === null ? [] : [{ phone, deviceId, deviceAlias, systemUsername }];
};

/** The agent's devices that bear the identifier; all of them where it names the agent as a whole. */
export const devicesAt = (agent: Agent, { identifier, value }: AgentLookup): readonly AgentDevice[] => {
  const field = deviceFieldOf[identifier];
  return field ? devicesOf(agent).filter((device) => isSame(identifier, value, field(device))) : devicesOf(agent);
};

/** The agents that bear the identifier, without those that the vendor's complete list leaves out. */
export const bearersOf = (agents: readonly Agent[], lookup: AgentLookup): readonly Agent[] => {
  const { identifier, value } = lookup;
  const isBearer = (agent: Agent): boolean =>
    isSame(identifier, value, fieldOf[identifier](agent)) ||
    (deviceFieldOf[identifier] !== undefined && devicesAt(agent, lookup).length > 0);
  return value.trim() === '' ? [] : agents.filter((agent) => agent.absentSince == null && isBearer(agent));
};

export const severalBearers = (source: string, identifier: AgentIdentifier, bearers: readonly Agent[]): ExpectedError =>
  new ExpectedError(
    'CONFLICT',
    `Source ${source} has ${bearers.length} agents with this ${identifier}: ${bearers.map(({ externalId }) => externalId).join(', ')}. Name one of them by ID.`,
    { retryable: true },
  );
