/** Servers and load, each on a core of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Gives the measured process one core to itself; load and vendor share the other. */
export const serverCore = 0;
export const loadCore = 1;

export interface Process {
  pid: number;
  stop(): Promise<void>;
}

export interface Server extends Process {
  url: string;
  /** From the start of the process to its line `ready at URL`. */
  readyMs: number;
  child: ChildProcess;
}

export const pinned = (core: number, ...command: readonly string[]): string[] => ['--cpu-list', String(core), ...command];

/** Starts a server and waits for its line `ready at URL`. */
export const startServer = async (
  command: readonly string[],
  options: { core?: number; cwd?: string; env?: Record<string, string>; ready?: RegExp; isGroup?: boolean } = {},
): Promise<Server> => {
  const startedAt = performance.now();
  const child = spawn('taskset', pinned(options.core ?? serverCore, ...command), {
    cwd: options.cwd,
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: options.isGroup ?? false,
  });
  /** Signals the group where npm started the process: it is a child of npm's shell, which hands no signal on. */
  const signal = (name: NodeJS.Signals) => (options.isGroup ? process.kill(-child.pid!, name) : child.kill(name));
  const kill = () => signal('SIGKILL');
  process.once('exit', kill);
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', () => resolve());
      process.off('exit', kill);
      signal('SIGTERM');
    });
  for await (const line of createInterface(child.stdout!)) {
    const url = (options.ready ?? /^ready at (\S+)/).exec(line)?.[1];
    if (url === undefined) continue;
    const readyMs = performance.now() - startedAt;
    child.stdout!.resume();
    return { url, pid: child.pid!, readyMs, child, stop };
  }
  throw new Error(`${command.join(' ')} ended before it was ready`);
};

/** Resident memory in bytes. */
export const residentBytes = (pid: number): number => {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes![1]) * 1024;
};

export const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
