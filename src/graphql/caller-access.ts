import { Ctx, Extensions, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { instant } from '../domain/model/instant.ts';
import type { GraphContext } from './context.ts';
import { DateTime } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Extensions(ofItsCaller)
@ObjectType('CallerAccess', {
  simpleResolvers: true,
  description: "The caller's own scopes and sources, so that a page can hide controls that would be refused.",
})
export class CallerAccess {
  @Field(() => String, { description: "The key's name, or the token's subject." })
  name!: string;

  @Field(() => [String], { description: "The caller's scopes. Example: `agents:read`." })
  scopes!: readonly string[];

  @Field(() => [String], { description: 'The names of the sources that the caller can use.' })
  sources!: readonly string[];

  @Field(() => DateTime, { nullable: true, description: 'The expiry of the token; null for a key.' })
  expiresAt!: string | null;
}

@Resolver()
export class CallerAccessResolver {
  @Query(() => CallerAccess, { nullable: true, description: "The caller's own scopes and sources." })
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
