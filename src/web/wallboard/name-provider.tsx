import type { ReactNode } from 'react';
import { fullName, maskedName } from './agent-name.ts';
import { NameContext, useBoard, useSelected } from './board.ts';
import { allows } from './sources.ts';

/** Decides once for the page how this caller sees names. */
export const NameProvider = ({ children }: { children: ReactNode }): ReactNode => {
  const readsNames = useSelected(useBoard().sources, ({ access }) => allows(access, 'pii:read'));
  return <NameContext value={readsNames ? fullName : maskedName}>{children}</NameContext>;
};
