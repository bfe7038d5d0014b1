import { hash, timingSafeEqual } from 'node:crypto';

/** Takes the same time however much of the two agrees. */
export const sameSecret = (left: string, right: string): boolean =>
  timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
