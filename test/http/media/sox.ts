/** The independent tool that reference vectors are made with; installed where that may be done, since the tests mean nothing without it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { installPackages } from '../../support/packages.ts';

const answers = (): boolean => / mp3 /.test(spawnSync('sox', ['--help'], { encoding: 'utf8' }).stdout ?? '');

if (!answers()) installPackages(['sox', 'libsox-fmt-mp3']);
if (!answers()) throw new Error('These tests need sox with MP3: install the packages sox and libsox-fmt-mp3.');

/** Runs sox on bytes; `-` stands for them and for the result. */
export const sox = (args: string, input: Uint8Array = new Uint8Array()): Buffer =>
  execFileSync('sox', ['-V1', '-D', ...args.split(' ')], { input, maxBuffer: 256 * 1024 * 1024, stdio: ['pipe', 'pipe', 'ignore'] });

/** Speech-like: sweeps, noise, clipping and silence, as 16-bit PCM without a header. */
export const referencePcm = (rate: number): Buffer => {
  const speech = sox(`-R -n -r ${rate} -c 1 -b 16 -e signed -t raw - synth 3 sine 200-3000 synth 3 pinknoise mix gain -3`);
  const loud = sox(`-R -n -r ${rate} -c 1 -b 16 -e signed -t raw - synth 1 square 300 gain 0`);
  const noise = sox(`-R -n -r ${rate} -c 1 -b 16 -e signed -t raw - synth 1 whitenoise`);
  return Buffer.concat([speech, loud, Buffer.alloc(rate), noise]);
};

export const raw = (rate: number): string => `-t raw -r ${rate} -c 1 -b 16 -e signed`;
