/** Makes instances of the type classes from the domain's entities. */
import type * as entities from '../domain/model/entities.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { Call } from './call.ts';
import { ControlCommand } from './command.ts';
import { maskAgent, maskBlackout, maskCall, maskCommand, maskRecording } from './masking.ts';
import { Recording } from './recording.ts';
import type { RecordingSource } from './source.ts';

/** Makes each instance from what the caller may see of its entity. */
export interface View {
  /** Returns the one instance of a configured source. */
  source(name: string): RecordingSource;
  agent(entity: entities.Agent): Agent;
  call(entity: entities.Call): Call;
  recording(entity: entities.Recording): Recording;
  blackout(entity: entities.Blackout): Blackout;
  command(entity: entities.ControlCommand): ControlCommand;
}

/** Makes the view of a caller with `pii:read`, or, where it `isMasked`, of one without. */
export const createView = (sources: ReadonlyMap<string, RecordingSource>, isMasked: boolean): View => {
  const source = (name: string) => sources.get(name)!;
  return {
    source,
    agent: (entity) => new Agent(isMasked ? maskAgent(entity) : entity, source(entity.source)),
    call: (entity) => new Call(isMasked ? maskCall(entity) : entity, source(entity.source)),
    recording: (entity) => new Recording(isMasked ? maskRecording(entity) : entity, source(entity.source)),
    blackout: (entity) => new Blackout(isMasked ? maskBlackout(entity) : entity, source(entity.source)),
    command: (entity) => new ControlCommand(isMasked ? maskCommand(entity) : entity),
  };
};
