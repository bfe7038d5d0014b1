import {
  Arg,
  type ClassType,
  Ctx,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import type { AgentReference } from '../domain/control/context.ts';
import type { ControlAction, ControlRequest } from '../domain/control/request.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import { Agent } from './agent.ts';
import { agentOrLastSeen, Blackout } from './blackout.ts';
import { ControlCommand } from './command.ts';
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
import type { AgentRef } from './inputs.ts';
import { isProblem, orProblem, Problem } from './problem.ts';
import { Recording } from './recording.ts';

@ObjectType({ simpleResolvers: true, description: 'The vendor took the command.' })
export class ControlSuccess {
  @Field(() => ControlCommand, { description: "The ledger's row." })
  command!: entityTypes.ControlCommand;

  @Field(() => Boolean, { description: 'True where this idempotency key had been answered before, and this is that answer.' })
  replayed!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'The vendor took the command.' })
export class BlackoutSuccess {
  @Field(() => ControlCommand, { description: "The ledger's row." })
  command!: entityTypes.ControlCommand;

  @Field(() => Blackout, { description: 'The blackout.' })
  blackout!: entityTypes.Blackout;

  @Field(() => Boolean, { description: 'True where this idempotency key had been answered before, and this is that answer.' })
  replayed!: boolean;
}

export const ControlResult = createUnionType({
  name: 'ControlResult',
  description: 'What came of a control request.',
  types: () => [ControlSuccess, Problem] as const,
  resolveType: (value) => (isProblem(value) ? 'Problem' : 'ControlSuccess'),
});

export const BlackoutResult = createUnionType({
  name: 'BlackoutResult',
  description: 'What came of a blackout request.',
  types: () => [BlackoutSuccess, Problem] as const,
  resolveType: (value) => (isProblem(value) ? 'Problem' : 'BlackoutSuccess'),
});

const referenceOf = (ref: AgentRef): AgentReference => {
  if (ref.key) return ref.key;
  const { source, externalId } = requireKeyId('Agent', ref.id!, 'input.agent.id');
  return { source, identifier: 'ID', value: externalId };
};

type Answer = Awaited<ReturnType<GraphContext['services']['control']['run']>> | Problem;
type BlackoutAnswer = Awaited<ReturnType<GraphContext['services']['control']['startBlackout']>> | Problem;

const run = (
  action: ControlAction,
  input: { agent: AgentRef } & Omit<ControlRequest, 'action' | 'agent'>,
  context: GraphContext,
): Promise<Answer> =>
  orProblem(context.correlationId, () =>
    context.services.control.run({ ...input, action, agent: referenceOf(input.agent) }, context.principal, context.correlationId),
  );

@Resolver(() => ControlSuccess as ClassType)
export class ControlResolver {
  @Mutation(() => ControlResult, {
    description: "Starts an audio or screen recording of an agent. Never repeated blindly: after a timeout the vendor's state decides.",
  })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  startRecording(
    @Arg('input', () => StartRecordingInput, { description: 'Whom and what.' }) input: StartRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('startRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Stops the audio or screen recording of an agent.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  stopRecording(
    @Arg('input', () => StopRecordingInput, { description: 'Whose and what.' }) input: StopRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('stopRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Writes metadata onto the recording in progress.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  updateRecording(
    @Arg('input', () => UpdateRecordingInput, { description: 'Whose and what.' }) input: UpdateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('updateRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Starts a second recording of a call that is recorded already.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  startDuplicateRecording(
    @Arg('input', () => DuplicateRecordingInput, { description: 'Whose and which call.' }) input: DuplicateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('startDuplicateRecording', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Stops the second recording of a call; the first goes on.' })
  @Directive('@requiresScopes(scopes: [["recordings:control"]])')
  stopDuplicateRecording(
    @Arg('input', () => DuplicateRecordingInput, { description: 'Whose and which call.' }) input: DuplicateRecordingInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('stopDuplicateRecording', input, context);
  }

  @Mutation(() => BlackoutResult, { description: 'Starts a stretch of time in which nothing of an agent is recorded.' })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  startBlackout(
    @Arg('input', () => StartBlackoutInput, { description: 'Whose and when.' }) input: StartBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutAnswer> {
    const { services, principal, correlationId } = context;
    return orProblem(correlationId, () =>
      services.control.startBlackout({ ...input, agent: referenceOf(input.agent) }, principal, correlationId),
    );
  }

  @Mutation(() => BlackoutResult, {
    description: "Sends the start of an agent's blackout again, for a recorder that may have lost it, and moves its deadline.",
  })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  renewBlackout(
    @Arg('input', () => RenewBlackoutInput, { description: 'Whose and how long.' }) input: RenewBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutAnswer> {
    const { services, principal, correlationId } = context;
    return orProblem(correlationId, () =>
      services.control.renewBlackout({ ...input, agent: referenceOf(input.agent) }, principal, correlationId),
    );
  }

  @Mutation(() => BlackoutResult, { description: "Ends an agent's blackout." })
  @Directive('@requiresScopes(scopes: [["blackouts:control"]])')
  stopBlackout(
    @Arg('input', () => StopBlackoutInput, { description: 'Whose and when.' }) input: StopBlackoutInput,
    @Ctx() context: GraphContext,
  ): Promise<BlackoutAnswer> {
    const { services, principal, correlationId } = context;
    return orProblem(correlationId, () =>
      services.control.stopBlackout({ ...input, agent: referenceOf(input.agent) }, principal, correlationId),
    );
  }

  @Mutation(() => ControlResult, { description: 'Signs an agent in to the recording system.' })
  @Directive('@requiresScopes(scopes: [["sessions:control"]])')
  signInAgent(
    @Arg('input', () => SignInAgentInput, { description: 'Whom and how.' }) input: SignInAgentInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('signInAgent', input, context);
  }

  @Mutation(() => ControlResult, { description: 'Signs an agent out of the recording system.' })
  @Directive('@requiresScopes(scopes: [["sessions:control"]])')
  signOutAgent(
    @Arg('input', () => SignOutAgentInput, { description: 'Whom to sign out.' }) input: SignOutAgentInput,
    @Ctx() context: GraphContext,
  ): Promise<Answer> {
    return run('signOutAgent', input, context);
  }

  @FieldResolver(() => Agent, { description: 'The agent, as last seen.' })
  agent(@Root() { command }: ControlSuccess, @Ctx() context: GraphContext): Promise<Agent> {
    return agentOrLastSeen({ source: command.source, externalId: command.agent! }, context);
  }

  @FieldResolver(() => Recording, {
    nullable: true,
    description: 'The recording that was made or touched, where it has been seen or named.',
  })
  recording(@Root() { command }: ControlSuccess, @Ctx() { loaders }: GraphContext): Promise<Recording | null> | null {
    return command.recording === null ? null : loaders.recording.load({ source: command.source, externalId: command.recording });
  }
}
