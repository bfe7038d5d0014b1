/** The commands of a domain, as clients send them. */
import { type RenewBlackoutRequest, renewBlackout } from '../../../src/domain/blackout/renew.ts';
import type { BlackoutAnswer } from '../../../src/domain/blackout/request.ts';
import { type StartBlackoutRequest, startBlackout } from '../../../src/domain/blackout/start.ts';
import { type StopBlackoutRequest, stopBlackout } from '../../../src/domain/blackout/stop.ts';
import type { ControlRequest } from '../../../src/domain/control/request.ts';
import { type ControlAnswer, runCommand } from '../../../src/domain/control/run.ts';
import type { Domain } from '../../../src/domain/create-domain.ts';
import type { Principal } from '../../../src/domain/model/principal.ts';

export interface Commands {
  run(request: ControlRequest, principal: Principal, correlationId: string): Promise<ControlAnswer>;
  startBlackout(request: StartBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  stopBlackout(request: StopBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  renewBlackout(request: RenewBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
}

export const commandsOf = ({ control, asCommand }: Domain): Commands => ({
  run: (request, principal, correlationId) => asCommand(correlationId, () => runCommand(control, request, { principal, correlationId })),
  startBlackout: (request, principal, correlationId) =>
    asCommand(correlationId, () => startBlackout(control, request, { principal, correlationId })),
  stopBlackout: (request, principal, correlationId) =>
    asCommand(correlationId, () => stopBlackout(control, request, { principal, correlationId })),
  renewBlackout: (request, principal, correlationId) =>
    asCommand(correlationId, () => renewBlackout(control, request, { principal, correlationId })),
});
