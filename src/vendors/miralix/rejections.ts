import { ExpectedError } from '../kit/index.ts';

/** Returns true if the vendor rejects this kind of request; a bad secret is another error, since it concerns all requests. */
export const isRejection = (error: unknown): boolean =>
  error instanceof ExpectedError && (error.code === 'VENDOR_REJECTED' || error.code === 'NOT_FOUND') && error.vendorCode !== '401';

/** Returns null where the vendor rejects this kind of request. */
export const nullIfRejected = async <T>(request: Promise<T>): Promise<T | null> => {
  try {
    return await request;
  } catch (error) {
    if (isRejection(error)) return null;
    throw error;
  }
};
