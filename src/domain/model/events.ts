/** The rows of the event log. */
import type { Agent, Blackout, Call, ControlCommand, Instant, Recording } from './entities.ts';
import type { BlackoutWarning } from './enums.ts';

export interface Entities {
  agent: Agent;
  call: Call;
  recording: Recording;
  blackout: Blackout;
  command: ControlCommand;
}

export type EntityType = keyof Entities;

/** The word for where an entity stands: the status of an agent or command, the state of the others. */
type StateWord<Entity> = Entity extends { status: infer Word } ? Word : Entity extends { state: infer Word } ? Word : never;

interface EventOf<E extends EntityType> {
  /** Grows by commit order; as a decimal string it is the id clients give back as `after`. */
  id: number;
  at: Instant;
  entityType: E;
  source: string;
  /** External id for agent, call, recording; id for blackout and command. */
  key: string;
  /** Before the change; null when new. */
  previous: StateWord<Entities[E]> | null;
  warning: BlackoutWarning | null;
  /** The entity after the change. */
  state: Entities[E];
}

/** An event of any of these entities. */
export type LiveEvent<E extends EntityType = EntityType> = { [K in E]: EventOf<K> }[E];

/** An event that has no position yet. */
export type NewEvent<E extends EntityType = EntityType> = { [K in E]: Omit<EventOf<K>, 'id'> }[E];
