/** Faults that replace answers, and how they are answered. */
import type { ServerResponse } from 'node:http';

/** A fault that replaces the next answer of an operation. */
export type Fault = { retcode: string } | { status: number; body: string | Buffer; contentType?: string } | 'stall' | 'reset' | 'half';

export interface Faults {
  /** Takes the fault that is armed for this request, if one is. */
  take(operation: string, workNo: string): Fault | undefined;
  /** `*` is every operation; with `workNo`, that agent's only. */
  failNext(operation: string, fault: Fault, limits?: { times?: number; workNo?: string }): void;
  /** Answers every operation as it is again. */
  failNoMore(): void;
}

export const createFaults = (): Faults => {
  const faults = new Map<string, Fault[]>();
  return {
    take: (operation, workNo) => {
      const armed = [operation, `${operation} ${workNo}`, '*', `* ${workNo}`].find((key) => (faults.get(key)?.length ?? 0) > 0);
      return armed === undefined ? undefined : faults.get(armed)!.shift();
    },
    failNext: (operation, fault, { times = 1, workNo } = {}) => {
      const key = workNo === undefined ? operation : `${operation} ${workNo}`;
      faults.set(key, [...(faults.get(key) ?? []), ...Array<Fault>(times).fill(fault)]);
    },
    failNoMore: () => faults.clear(),
  };
};

/** Answers with a fault. */
export const misbehave = (response: ServerResponse, fault: Exclude<Fault, { retcode: string }>): void => {
  if (fault === 'stall') return;
  if (fault === 'reset') return void response.destroy();
  if (fault === 'half') {
    response.writeHead(200, { 'Content-Type': 'application/json;charset=UTF-8', 'Content-Length': '400' });
    response.write('{"message":"","retco');
    return void setImmediate(() => response.destroy());
  }
  response.writeHead(fault.status, { 'Content-Type': fault.contentType ?? 'text/html' });
  response.end(fault.body);
};
