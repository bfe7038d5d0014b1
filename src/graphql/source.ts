import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import { instant } from '../domain/model/instant.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { capabilitiesOf } from '../domain/read/capabilities.ts';
import { CircuitState, RecorderOperation, SourceStatus, Support, Vendor } from './enums.ts';
import { Node } from './node.ts';
import { DateTime, Duration } from './scalars.ts';

@Directive('@shareable')
@ObjectType('Capability', { simpleResolvers: true, description: 'One operation and how a source supports it.' })
export class Capability implements entityTypes.Capability {
  @Field(() => RecorderOperation, { description: 'The operation.' })
  operation!: enums.Operation;

  @Field(() => Support, { description: 'How the source supports it.' })
  support!: enums.Support;

  @Field(() => String, { nullable: true, description: 'A remark, for example a licence or setting that the operation needs.' })
  note!: string | null;
}

@Directive('@shareable')
@ObjectType('SourceHealth', { simpleResolvers: true, description: 'The health of a source.' })
export class SourceHealth implements entityTypes.SourceHealth {
  @Field(() => SourceStatus, { description: 'The status of the source.' })
  status!: enums.SourceStatus;

  @Field(() => DateTime, { description: 'When the status changed to this one; the start of the server if it has not changed since.' })
  statusSince!: string;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor last answered.' })
  lastContactAt!: string | null;

  @Field(() => String, { nullable: true, description: 'The last failure; null if there is none.' })
  lastError!: string | null;

  @Field(() => CircuitState, { description: 'The state of the circuit breaker for calls to the vendor.' })
  circuit!: enums.CircuitState;

  @Field(() => Duration, {
    nullable: true,
    description:
      "The measured difference between this server's clock and the vendor's clock; positive if the vendor's clock is behind. Null if it is unknown.",
  })
  clockDifference!: number | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "name")')
@Directive('@authenticated')
@ObjectType('RecordingSource', {
  simpleResolvers: true,
  implements: Node,
  description: 'One installation of a recorder. Several sources can have the same vendor.',
})
export class RecordingSource {
  @Field(() => String, { description: 'The name in the configuration, which is part of every id of the source. Example: `hq`.' })
  readonly name: string;

  @Field(() => Vendor, { description: 'The vendor of the recorder.' })
  readonly vendor: string;

  @Field(() => String, { description: "The vendor's type in the configuration, for example `acme` for a vendor from a plug-in." })
  readonly vendorType: string;

  /** One instance stands for the source as long as the server runs. */
  constructor(
    readonly entity: VendorSource,
    private readonly healthSinceMs: () => number,
  ) {
    this.name = entity.name;
    this.vendor = entity.vendor;
    this.vendorType = entity.vendorType;
  }

  get __typename(): 'RecordingSource' {
    return 'RecordingSource';
  }

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return nodeId('RecordingSource', this.name);
  }

  @Field(() => [Capability], { description: 'The operations, and how the source supports each of them.' })
  get capabilities(): readonly Capability[] {
    return capabilitiesOf(this.entity);
  }

  @Field(() => SourceHealth, { description: 'The health of the source.' })
  get health(): SourceHealth {
    const health = this.entity.health();
    return { ...health, statusSince: instant(this.healthSinceMs()), clockDifference: health.clockDifferenceMs ?? null };
  }
}
