import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { installPackages } from './packages.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's places. Chromium without its own windows is first, since it starts fewer processes. */
const places = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** The machine's Chromium: `CHROMIUM_PATH`, else one of the usual places, else installed there where this may be done. */
export const chromiumPath = (): string => {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const installed = () => places.find((place) => existsSync(place));
  if (!installed()) installPackages(['chromium-headless-shell']);
  const path = installed();
  if (!path)
    throw new Error(
      'No Chromium was found: install the package chromium-headless-shell or chromium, or name the program in CHROMIUM_PATH.',
    );
  return path;
};

/** Each launch has a profile of its own, which goes when the browser does. A signal ends the test's process, as if there were no browser. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: flags, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });

export interface WatchedPage {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and of the page, and refusals of its security policy. */
  complaints: string[];
  /** Addresses outside the server's origin that were requested. */
  foreign: string[];
}

/** A page that notes every complaint and every request to another origin than `url`'s. */
export const openWatched = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  // Loaded machines need this long; a page that works is waited for no longer than it takes.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  const { host } = new URL(url);
  const note = (address: string): void => {
    const { protocol, host: requestedHost } = new URL(address);
    if (/^(https?|wss?):$/.test(protocol) && requestedHost !== host) foreign.push(address);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  await page.goto(url);
  return { page, context, complaints, foreign };
};

/** Keeps what the page looks like now, for people to look at. */
export const keepScreenshot = async (page: Page, name: string): Promise<void> => {
  const folder = fileURLToPath(new URL('../screenshots/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}${name}.png` });
};

/**
 * The words on tiles that are not whole, or not on their tile: of lamps, statuses and buttons, and of names that are not unusually long. Numbers of callers and
 * names of queues give way to them.
 */
export const cutWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const usualName = 16;
    const words = [
      ...document.querySelectorAll('article :is([data-lamp], [data-lamp] *, p:first-of-type, p:first-of-type *, button span)'),
    ];
    const names = [...document.querySelectorAll('article h3 button')].filter(({ textContent }) => (textContent ?? '').length <= usualName);
    return [...words, ...names]
      .filter((element) => {
        const { position, display } = getComputedStyle(element);
        if (position === 'absolute' || display === 'inline') return false;
        const isOutside = element.getBoundingClientRect().right > element.closest('article')!.getBoundingClientRect().right + 1;
        return isOutside || element.scrollWidth > element.clientWidth + 1;
      })
      .map(({ textContent }) => textContent ?? '');
  });

interface Violation {
  id: string;
  impact?: string | null;
  nodes: readonly { target: readonly unknown[]; failureSummary?: string | undefined }[];
}

const lineOf = ({ id, nodes }: Violation): string =>
  `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`;

/** Looks within the page itself: a page beside it is for frames of other origins, of which there are none, and takes several times as long. */
const violationsOf = async (page: Page, exclude: readonly string[]): Promise<readonly Violation[]> => {
  const builder = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  for (const selector of exclude) builder.exclude(selector);
  return (await builder.analyze()).violations;
};

/** Every finding of axe-core, one line each; `exclude` leaves out what is not this project's markup. */
export const findings = async (page: Page, exclude: readonly string[] = []): Promise<string[]> =>
  (await violationsOf(page, exclude)).map(lineOf);

/** Serious and critical findings of axe-core, for pages that are mostly another project's markup. */
export const graveFindings = async (page: Page, exclude: readonly string[] = []): Promise<string[]> =>
  (await violationsOf(page, exclude)).filter(({ impact }) => impact === 'serious' || impact === 'critical').map(lineOf);
