import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { keyId } from '../domain/model/ids.ts';
import { devicesOf } from '../domain/read/bearers.ts';
import { Call } from './call.ts';
import { connectionClasses } from './connection.ts';
import { AgentStatus } from './enums.ts';
import type { FieldFunction } from './field-function.ts';
import { Node } from './node.ts';
import { DateTime } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType('AgentDevice', { simpleResolvers: true, description: 'One device at which the recorder lists an agent.' })
class AgentDevice implements entityTypes.AgentDevice {
  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Extension or phone number; masked without `pii:read`.' })
  phone!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'The recorded device; masked without `pii:read`.' })
  deviceId!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The device's name; masked without `pii:read`." })
  deviceAlias!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The operating system's user name at the device; masked without `pii:read`." })
  systemUsername!: string | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType('Agent', {
  simpleResolvers: true,
  implements: Node,
  description: 'A person whose calls are recorded, as one source knows them.',
})
export class Agent implements Omit<entityTypes.Agent, 'source' | 'activeCall' | 'inactiveCalls' | 'desktopRecordings' | 'devices'> {
  @Field(() => String, { description: "The vendor's own identifier, unchanged." })
  readonly externalId: string;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Full name; masked without `pii:read`.' })
  readonly name: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'E-mail address; masked without `pii:read`.' })
  readonly email: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Extension or phone number; masked without `pii:read`.' })
  readonly phone: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'SIP address; masked without `pii:read`.' })
  readonly sipUri: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The recorder's user name; masked without `pii:read`." })
  readonly username: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The operating system's user name; masked without `pii:read`." })
  readonly systemUsername: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The CRM's user name; masked without `pii:read`." })
  readonly crmUsername: string | null;

  @Field(() => String, { nullable: true, description: "The directory's id." })
  readonly syncId: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, {
    nullable: true,
    description: 'The recorded device; masked without `pii:read`, because it is often the extension.',
  })
  readonly deviceId: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The device's name; masked without `pii:read`." })
  readonly deviceAlias: string | null;

  @Field(() => String, { nullable: true, description: 'The business unit or department, as the vendor reports it.' })
  readonly businessUnit: string | null;

  @Field(() => AgentStatus, { description: 'The status of the agent.' })
  readonly status: enums.AgentStatus;

  @Field(() => String, {
    nullable: true,
    description: "The vendor's own term for the status, unchanged; masked without `pii:read` where it may hold a number.",
  })
  readonly vendorStatus: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time of the last change of status; null if no change was observed yet.' })
  readonly statusSince: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the vendor last reported this agent.' })
  readonly observedAt: string | null;

  @Field(() => RecordingSource, { description: 'The source of the agent.' })
  readonly source: RecordingSource;

  @Field(() => String, { description: 'RecordingSource.name, for subgraphs that join on `sourceName externalId`.' })
  readonly sourceName: string;

  @Field(() => Call, { nullable: true, description: 'The call that the agent is on.' })
  readonly activeCall: FieldFunction<Agent, LoadsCalls, Call | null> = activeCall;

  /** `entity` is what the caller may see of the agent; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Agent,
    source: RecordingSource,
  ) {
    this.externalId = entity.externalId;
    this.name = entity.name;
    this.email = entity.email;
    this.phone = entity.phone;
    this.sipUri = entity.sipUri;
    this.username = entity.username;
    this.systemUsername = entity.systemUsername;
    this.crmUsername = entity.crmUsername;
    this.syncId = entity.syncId;
    this.deviceId = entity.deviceId;
    this.deviceAlias = entity.deviceAlias;
    this.businessUnit = entity.businessUnit;
    this.status = entity.status;
    this.vendorStatus = entity.vendorStatus;
    this.statusSince = entity.statusSince;
    this.observedAt = entity.observedAt;
    this.source = source;
    this.sourceName = entity.source;
  }

  get __typename(): 'Agent' {
    return 'Agent';
  }

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return keyId('Agent', this.entity);
  }

  @Field(() => [AgentDevice], {
    description:
      'Every device at which the recorder lists the agent. `phone`, `deviceId` and `activeCall` describe the device that is on a call.',
  })
  get devices(): readonly entityTypes.AgentDevice[] {
    return devicesOf(this.entity);
  }
}

interface LoadsCalls {
  loadCall(key: entityTypes.SourceKey): Promise<Call | null> | Call | null;
}

function activeCall(this: Agent, _args: object, { loadCall }: LoadsCalls): Promise<Call | null> | Call | null {
  const { source, activeCall: externalId } = this.entity;
  return externalId === null ? null : loadCall({ source, externalId });
}

export const AgentConnection = connectionClasses<Agent>('Agent', () => Agent, { sourceErrors: true });
