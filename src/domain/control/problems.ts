import type { ProblemData } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';

/** A failure of what a caller asked for, and the id that the caller is told. */
export interface Failure {
  error: ExpectedError;
  correlationId: string;
}

/** Returns the part of a failure that the ledger keeps. */
export const problemData = (error: ExpectedError, correlationId: string): ProblemData => ({
  code: error.code,
  message: error.message,
  retryable: error.retryable,
  vendorCode: error.vendorCode,
  correlationId: error.correlationId ?? correlationId,
});

/** Returns the failure that the ledger kept, under its first correlation id. */
export const problemError = (problem: ProblemData): ExpectedError =>
  new ExpectedError(problem.code, problem.message, {
    retryable: problem.retryable,
    vendorCode: problem.vendorCode,
    correlationId: problem.correlationId,
  });
