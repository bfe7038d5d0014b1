/** Draws what may happen to agents, servers and recorders, in any order. */
import fc from 'fast-check';
import type { ControlOperation } from '../../../src/domain/model/enums.ts';
import type { Fault } from './recorder.ts';

export type AgentId = '1' | '2';
export const agentIds = ['1', '2'] as const;
export const other = { '1': '2', '2': '1' } as const;

/** Something that happens at the recorder, observed or not. */
export type Occurrence = {
  type: 'call' | 'hangUp' | 'transfer' | 'join' | 'video' | 'screen' | 'duplicate' | 'record' | 'stopTapes';
  agent: AgentId;
};

export type Action =
  | Occurrence
  | { type: 'stop'; agent: AgentId; offset: number | null }
  | { type: 'renew'; agent: AgentId; maxDuration: number | null }
  | { type: 'start'; agent: AgentId; maxDuration: number; offset: number | null }
  | { type: 'fault'; fault: Fault }
  | { type: 'break'; fault: Fault | null }
  | { type: 'outage'; fault: Fault; ms: number; restarts: boolean; agent: AgentId | null }
  | { type: 'crash'; awayMs: number; meanwhile: Occurrence[] }
  | { type: 'takeover' }
  | { type: 'vendorRestart' }
  | { type: 'vendorClock'; aheadMs: number }
  | { type: 'pass'; ms: number };

const agent = fc.constantFrom<AgentId>(...agentIds);
const seconds = (least: number, most: number) => fc.integer({ min: least, max: most }).map((one) => one * 1_000);
const faults = fc.constantFrom<Fault>('deaf', 'lost', 'down', 'refused', 'unconnected', 'gone', 'failsLater');
const outageFaults = fc.constantFrom<Fault>('down', 'refused', 'unconnected', 'lost', 'gone');
/** Most starts and stops are for now. */
const offset = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: seconds(0, 20) });
const meanwhile = fc.array(
  fc.record({ type: fc.constantFrom('call', 'hangUp', 'transfer', 'join', 'record', 'stopTapes'), agent }) as fc.Arbitrary<Occurrence>,
  { maxLength: 4 },
);

const scripts: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('call', 'hangUp', 'transfer', 'join'), agent }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('video', 'screen', 'duplicate', 'record'), agent }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constant('start'), agent, maxDuration: seconds(5, 60), offset }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('stop'), agent, offset }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('renew'), agent, maxDuration: fc.option(seconds(1, 100)) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('fault'), fault: faults }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('break'), fault: fc.option(outageFaults) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('outage'),
        fault: outageFaults,
        ms: seconds(1, 150),
        restarts: fc.boolean(),
        agent: fc.option(agent),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('crash'), awayMs: seconds(0, 60), meanwhile }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('takeover', 'vendorRestart') }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('vendorClock'), aheadMs: seconds(-7_200, 7_200) }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constant('pass'), ms: seconds(1, 20) }) },
  ),
  { minLength: 5, maxLength: 30 },
) as fc.Arbitrary<Action[]>;

export interface Scene {
  script: Action[];
  automatic: boolean;
  reads: boolean;
  lacks: ControlOperation[];
  aheadMs: number;
  partsPerMillion: number;
}

export const scenes = fc.record<Scene>({
  script: scripts,
  automatic: fc.boolean(),
  reads: fc.boolean(),
  lacks: fc.subarray(['STOP_SCREEN_RECORDING', 'STOP_DUPLICATE_RECORDING'], { maxLength: 1 }),
  aheadMs: seconds(-3_600, 3_600),
  partsPerMillion: fc.constantFrom(0, 100, -300),
});
