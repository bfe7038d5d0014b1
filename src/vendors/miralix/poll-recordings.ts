import { noteFailures, type Poll } from './poll.ts';
import type { ListingsReading } from './read-listings.ts';
import { queuesToRead, readAgentLists, readDirectCalls, readQueueLists } from './recordings.ts';

/** Reads the lists of recordings of queues, agents and users. */
export const pollRecordings = async (poll: Poll): Promise<void> => {
  const { directory, feed, settings, turns, signal } = poll;
  const most = settings.agentCallsPerPoll;
  // A list has no pages and may be long: who reads in the background waits for it, callers do not.
  const options = { signal, timeoutMs: settings.listTimeoutSeconds * 1000 };
  const agents = directory.known();
  const queues = await queuesToRead(feed, signal);
  const queuesNow = queues.length < agents.length ? queues : turns.queues(queues, most);
  // Beside each other: a queue has the recordings of who has left, an agent those of a queue that is refused or deleted.
  const readings: readonly ListingsReading[] = [
    await readQueueLists(feed, queuesNow, options),
    ...(agents.length > 0 ? [await readAgentLists(feed, turns.lists(agents, most), options)] : []),
    await readDirectCalls(feed, turns.direct(agents, most), options),
  ];
  noteFailures(poll, {
    what: 'lists of recordings',
    failures: readings.flatMap(({ faults }) => faults),
    worked: readings.reduce((sum, { answered }) => sum + answered, 0),
  });
};
