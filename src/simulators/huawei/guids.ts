/** The GUIDs of a session, which rotate, and lapse some time after the next was given. */
import { randomUUID } from 'node:crypto';
import type { HuaweiSwitches } from './switches.ts';

export interface IssuedGuid {
  guid: string;
  issuedAtMs: number;
}

interface Rules {
  switches: HuaweiSwitches;
  nowMs: number;
}

export const newGuid = (issuedAtMs: number): IssuedGuid => ({ guid: `${randomUUID()}.AgentGateway0`, issuedAtMs });

/** Returns true if the newest of them is as old as one may become. */
export const isGuidDue = ([newest]: readonly IssuedGuid[], { switches, nowMs }: Rules): boolean =>
  nowMs - newest!.issuedAtMs >= switches.guidIntervalMs;

export const isGoodGuid = (guids: readonly IssuedGuid[], guid: string | undefined, { switches, nowMs }: Rules): boolean => {
  const known = guids.find((one) => one.guid === guid);
  if (!known || (switches.strictGuids && known !== guids[0])) return false;
  return switches.authMode === 'static' || nowMs - known.issuedAtMs < switches.guidTimeoutMs;
};
