import { ExpectedError } from '../../domain/model/errors.ts';

/**
 * Makes a guard for the answers to one operation. It throws for an empty answer after a filled list, which may be of a server that is just
 * starting; a second one in a row is the vendor's word. `status` is the answer's, of which 404 is told.
 */
export const createEmptyListGuard = (source: string, operation: string): ((isEmpty: boolean, status: number) => void) => {
  let wasFilled = false;
  return (isEmpty, status) => {
    const isDoubtful = isEmpty && wasFilled;
    wasFilled = !isEmpty;
    if (!isDoubtful) return;
    const answer = status === 404 ? '404' : 'an empty list';
    const message = `${source}: ${operation} was answered with ${answer} after a filled list; a second such answer will be accepted.`;
    throw new ExpectedError('VENDOR_UNAVAILABLE', message, { vendorCode: String(status) });
  };
};
