import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { capabilitiesOf } from '../domain/model/capabilities.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { CircuitState, RecorderOperation, SourceStatus, Support, Vendor } from './enums.ts';
import { Node } from './node.ts';
import { DateTime, Duration } from './scalars.ts';

@Directive('@shareable')
@ObjectType('Capability', { simpleResolvers: true, description: 'Whether and how a source can do an operation.' })
export class Capability implements entityTypes.Capability {
  @Field(() => RecorderOperation, { description: 'The operation.' })
  operation!: words.Operation;

  @Field(() => Support, { description: 'How the source does it.' })
  support!: words.Support;

  @Field(() => String, { nullable: true, description: 'A remark, such as a licence or switch that it needs.' })
  note!: string | null;
}

@Directive('@shareable')
@ObjectType('SourceHealth', { simpleResolvers: true, description: 'How well a source answers.' })
export class SourceHealth implements entityTypes.SourceHealth {
  @Field(() => SourceStatus, { description: 'In one word.' })
  status!: words.SourceStatus;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor last answered.' })
  lastContactAt!: string | null;

  @Field(() => String, { nullable: true, description: 'What went wrong last; null while all is well.' })
  lastError!: string | null;

  @Field(() => CircuitState, { description: 'State of the circuit breaker in front of the vendor: closed, half-open or open.' })
  circuit!: words.CircuitState;

  @Field(() => Duration, {
    nullable: true,
    description: "How far the vendor's clock is from this server's, where that could be measured; positive where the vendor's is behind.",
  })
  clockDifference!: number | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "name")')
@Directive('@authenticated')
@ObjectType('RecordingSource', {
  simpleResolvers: true,
  implements: Node,
  description: 'One configured installation of a vendor. Several sources may share a vendor.',
})
export class RecordingSource {
  @Field(() => String, { description: 'Its name in the configuration; part of every id below it. Example: `hq`.' })
  readonly name: string;

  @Field(() => Vendor, { description: 'The make of the recording system.' })
  readonly vendor: string;

  @Field(() => String, { description: 'The word for the make in the configuration, such as `acme` for a vendor that a plug-in brings.' })
  readonly vendorType: string;

  /** One instance stands for the source as long as the server runs. */
  constructor(readonly entity: VendorSource) {
    this.name = entity.name;
    this.vendor = entity.vendor;
    this.vendorType = entity.vendorType;
  }

  get __typename(): 'RecordingSource' {
    return 'RecordingSource';
  }

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return nodeId('RecordingSource', this.name);
  }

  @Field(() => [Capability], { description: 'What the source can do, operation by operation.' })
  get capabilities(): readonly Capability[] {
    return capabilitiesOf(this.entity);
  }

  @Field(() => SourceHealth, { description: 'How well it answers.' })
  get health(): SourceHealth {
    const health = this.entity.health();
    return { ...health, clockDifference: health.clockDifferenceMs ?? null };
  }
}
