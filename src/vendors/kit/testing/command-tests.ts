/** A blackout, and a download, from one end to the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../domain/model/observation.ts';
import { agentOf } from './operations.ts';
import type { Suite } from './suite.ts';
import { never, startUnderTest } from './under-test.ts';

const testBlackouts = ({ module, begin }: Suite): void => {
  test('a blackout starts, starts again and stops at the vendor, as its support says', { timeout: 30_000 }, async (t) => {
    const running = await begin(t);
    const { source, context } = await startUnderTest(t, { module, running });
    if (!source.blackouts) return;
    running.startCall?.();
    const agent = agentOf(source.name, running.agent);
    if (source.blackouts.support === 'NATIVE') {
      await source.blackouts.start!({ operation: 'START_BLACKOUT', agent }, never);
      await source.blackouts.start!({ operation: 'START_BLACKOUT', agent }, never);
      await source.blackouts.stop!({ operation: 'STOP_BLACKOUT', agent }, never);
      return;
    }
    const observing = new AbortController();
    t.after(() => observing.abort());
    const observed = source.observer?.run(observing.signal);
    const isRecording = (observation: Observation): boolean =>
      observation.type === 'recording' && observation.recording.state === 'RECORDING' && observation.recording.fileName != null;
    const batch = await context.batch(({ observations }) => observations.some(isRecording));
    const recording = batch.observations.find(isRecording) as Observation & { type: 'recording' };
    const fileName = recording.recording.fileName!;
    await source.control!.STOP_RECORDING!({ operation: 'STOP_RECORDING', agent }, never);
    const isOver = (one: Observation): boolean => one.type === 'recording' && one.recording.state === 'STOPPED';
    await context.batch(({ observations }) => observations.some(isOver));
    const command = { operation: 'START_RECORDING', agent, mode: 'APPEND', fileName } as const;
    const answer = await source.control!.START_RECORDING!(command, never);
    assert.equal(answer.recording, recording.recording.externalId, 'it goes on in the same recording');
    observing.abort();
    await observed;
  });
};

const testAudio = ({ module, begin }: Suite): void => {
  test('its audio is audio', async (t) => {
    const running = await begin(t);
    const under = await startUnderTest(t, { module, running });
    const media = under.operations.find(({ kind }) => kind === 'media');
    if (!media || !running.plays) return;
    const length = (await media.run(never)) as number;
    assert.ok(length > 0, 'it has bytes');
    if (!under.source.media!.ranges || length < 4) return;
    const { range, body, close } = await under.source.media!.open(under.recording!, { range: { start: 1, end: 2 }, signal: never });
    let partLength = 0;
    for await (const chunk of body) partLength += chunk.length;
    close();
    assert.deepEqual(
      [range, partLength],
      [{ start: 1, end: 2, total: length }, 2],
      'media.ranges is true only if the vendor sends the part that was requested',
    );
  });
};

export const testCommands = (suite: Suite): void => {
  testBlackouts(suite);
  testAudio(suite);
};
