import { Ctx, Extensions, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { instant } from '../domain/model/instant.ts';
import type { GraphContext } from './context.ts';
import { DateTime } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Extensions(ofItsCaller)
@ObjectType('CallerAccess', { simpleResolvers: true, description: 'Who is asking, so that a page can hide what would be refused.' })
export class CallerAccess {
  @Field(() => String, { description: "The key's name, or the token's subject." })
  name!: string;

  @Field(() => [String], { description: 'What the caller may do. Example: `agents:read`.' })
  scopes!: readonly string[];

  @Field(() => [String], { description: 'Names of the sources within reach.' })
  sources!: readonly string[];

  @Field(() => DateTime, { nullable: true, description: 'When the token ends; null for a key.' })
  expiresAt!: string | null;
}

@Resolver()
export class CallerAccessResolver {
  @Query(() => CallerAccess, { nullable: true, description: 'Who is asking.' })
  callerAccess(@Ctx() { principal, read }: GraphContext): CallerAccess {
    const { name, scopes, expiresAtMs } = principal;
    return {
      name,
      scopes: [...scopes].sort(),
      sources: [...read.sources.keys()].sort(),
      expiresAt: expiresAtMs === null ? null : instant(expiresAtMs),
    };
  }
}
