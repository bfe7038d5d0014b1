/** Waits for a command's answer that this server, or another one, is still getting. */
import type { ControlCommand } from '../model/entities.ts';
import type { ControlContext } from './context.ts';

const pollMs = 200;

/** The command as the ledger has it now. */
export const reread = async ({ store }: ControlContext, id: string): Promise<ControlCommand> => {
  const [row] = await store.commands.byIds([id]);
  if (!row) throw new Error(`Command ${id} is missing from the ledger.`);
  return row;
};

/** Resolves when this server has the command's answer, or after the deadline even so. */
const answered = ({ clock, settings, inFlight }: ControlContext, id: string): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(settings.commandDeadlineMs, resolve);
    void Promise.resolve(inFlight.get(id)).then(() => {
      cancel();
      resolve();
    });
  });

/** Returns the command once it has an outcome, or as it is when the deadline of commands has passed. */
export const awaitAnswer = async (context: ControlContext, { id }: ControlCommand): Promise<ControlCommand> => {
  const { clock, settings } = context;
  const waitUntilMs = clock.now() + settings.commandDeadlineMs;
  await answered(context, id);
  for (;;) {
    const now = await reread(context, id);
    if (now.status !== 'PENDING' || now.problem !== null || clock.now() >= waitUntilMs) return now;
    await new Promise<void>((resolve) => clock.after(pollMs, resolve));
  }
};
