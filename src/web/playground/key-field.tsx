import { type FormEvent, type ReactNode, useState } from 'react';
import { readAccessKey, writeAccessKey } from '../access-key.ts';

/** The key of this browser tab, shared with the wallboard. It is sent unless the headers below the editor carry another one. */
export const KeyField = ({ onChange }: { onChange(): void }): ReactNode => {
  const [key, setKey] = useState(readAccessKey() ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    writeAccessKey(key.trim() || null);
    onChange();
  };
  return (
    <form className="playground-key" onSubmit={submit}>
      <label htmlFor="access-key">Access key</label>
      <input
        id="access-key"
        type="password"
        autoComplete="off"
        placeholder="sent as Authorization: Bearer …"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <button type="submit">Use</button>
    </form>
  );
};
