import { Arg, type ClassType, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { renewBlackout } from '../domain/blackout/renew.ts';
import { startBlackout } from '../domain/blackout/start.ts';
import { stopBlackout } from '../domain/blackout/stop.ts';
import type { AgentReference } from '../domain/control/context.ts';
import type { ControlAction, ControlRequest } from '../domain/control/request.ts';
import { runCommand } from '../domain/control/run.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import { lastKnownAgent } from '../domain/read/agents.ts';
import { loggingExpectedErrors } from '../observability/instrumentation.ts';
import { Agent } from './agent.ts';
import type { GraphContext } from './context.ts';
import {
  DuplicateRecordingInput,
  RenewBlackoutInput,
  SignInAgentInput,
  SignOutAgentInput,
  StartBlackoutInput,
  StartRecordingInput,
  StopBlackoutInput,
  StopRecordingInput,
  UpdateRecordingInput,
} from './control-inputs.ts';
import { BlackoutResult, BlackoutSuccess, ControlResult, ControlSuccess } from './control-results.ts';
import type { AgentRef } from './inputs.ts';
import { loadRecording } from './loaders.ts';
import { orProblem, type Problem } from './problem.ts';
import { Recording } from './recording.ts';

const referenceOf = (ref: AgentRef): AgentReference => {
  if (ref.key) return ref.key;
  const { source, externalId } = requireKeyId('Agent', ref.id!, 'input.agent.id');
  return { source, identifier: 'ID', value: externalId };
};

/** Runs a command. Its expected error becomes a Problem, and is logged under the id that the Problem shows. */
const command = <T>(context: GraphContext, work: (context: GraphContext) => Promise<T>): Promise<T | Problem> => {
  const { services, correlationId } = context;
  return orProblem(correlationId, () =>
    loggingExpectedErrors({ log: services.log, correlationId }, 'a command', () => services.asCommand(correlationId, () => work(context))),
  );
};

const run = (
  action: ControlAction,
  input: { agent: AgentRef } & Omit<ControlRequest, 'action' | 'agent'>,
  context: GraphContext,
): Promise<ControlSuccess | Problem> =>
  command(context, async ({ services, principal, correlationId, show }) => {
    const request = { ...input, action, agent: referenceOf(input.agent) };
    return new ControlSuccess(await runCommand(services.control, request, { principal, correlationId }), show);
  });

@Resolver(() => ControlSuccess as ClassType)
export class ControlResolver {
  @Mutation(() => ControlResult, {
    description:
      "Starts an audio or screen recording of an agent. After a timeout, the server reads the vendor's state and does not repeat the command.",
  })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  startRecording(
    @Arg('input', () => StartRecordingInput, { description: 'The agent and the recording.' }) input: StartRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('startRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Stops the audio or screen recording of an agent.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  stopRecording(
    @Arg('input', () => StopRecordingInput, { description: 'The agent and the recording.' }) input: StopRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('stopRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Writes metadata to the recording in progress.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  updateRecording(
    @Arg('input', () => UpdateRecordingInput, { description: 'The agent and the recording.' }) input: UpdateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('updateRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Starts a second recording of a call that is already recorded.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  startDuplicateRecording(
    @Arg('input', () => DuplicateRecordingInput, { description: 'The agent and the call.' }) input: DuplicateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('startDuplicateRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Stops the second recording of a call. The first recording continues.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  stopDuplicateRecording(
    @Arg('input', () => DuplicateRecordingInput, { description: 'The agent and the call.' }) input: DuplicateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('stopDuplicateRecording', input, context);
  }

  @Mutation(() => BlackoutResult, { description: 'Starts a blackout: a period in which nothing of an agent is recorded.' })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  startBlackout(
    @Arg('input', () => StartBlackoutInput, { description: 'The agent and the time.' }) input: StartBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutSuccess | Problem> {
    return command(context, async ({ services, principal, correlationId, show }) => {
      const request = { ...input, agent: referenceOf(input.agent) };
      return new BlackoutSuccess(await startBlackout(services.control, request, { principal, correlationId }), show);
    });
  }

  @Mutation(() => BlackoutResult, {
    description: "Sends the start of an agent's blackout again, in case the recorder lost it, and moves the deadline.",
  })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  renewBlackout(
    @Arg('input', () => RenewBlackoutInput, { description: 'The agent and the duration.' }) input: RenewBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutSuccess | Problem> {
    return command(context, async ({ services, principal, correlationId, show }) => {
      const request = { ...input, agent: referenceOf(input.agent) };
      return new BlackoutSuccess(await renewBlackout(services.control, request, { principal, correlationId }), show);
    });
  }

  @Mutation(() => BlackoutResult, { description: "Stops an agent's blackout." })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  stopBlackout(
    @Arg('input', () => StopBlackoutInput, { description: 'The agent and the time.' }) input: StopBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutSuccess | Problem> {
    return command(context, async ({ services, principal, correlationId, show }) => {
      const request = { ...input, agent: referenceOf(input.agent) };
      return new BlackoutSuccess(await stopBlackout(services.control, request, { principal, correlationId }), show);
    });
  }

  @Mutation(() => ControlResult, { description: 'Signs an agent in to the recording system.' })
  @Directive('@requiresScopes(scopes: [["sessions:control"]])')
  signInAgent(
    @Arg('input', () => SignInAgentInput, { description: 'The agent and the phone.' }) input: SignInAgentInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('signInAgent', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Signs an agent out of the recording system.' })
  @Directive('@requiresScopes(scopes: [["sessions:control"]])')
  signOutAgent(
    @Arg('input', () => SignOutAgentInput, { description: 'The agent to sign out.' }) input: SignOutAgentInput,
    @Ctx() context: GraphContext,
  ): Promise<ControlSuccess | Problem> {
    return run('signOutAgent', input, context);
  }

  @FieldResolver(() => Agent, { description: 'The agent in the last reported state.' })
  async agent(@Root() { command: { entity } }: ControlSuccess, @Ctx() { read, show }: GraphContext): Promise<Agent> {
    return show.agent(await lastKnownAgent(read, { source: entity.source, externalId: entity.agent! }));
  }

  @FieldResolver(() => Recording, {
    nullable: true,
    description: 'The recording that was started, changed or stopped, if it is known.',
  })
  recording(@Root() { command: { entity } }: ControlSuccess, @Ctx() context: GraphContext): Promise<Recording | null> | null {
    return entity.recording === null ? null : loadRecording(context, { source: entity.source, externalId: entity.recording });
  }
}
