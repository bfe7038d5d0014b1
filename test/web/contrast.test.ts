import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Against which backgrounds each colour of the wallboard is read. */
const pairs: Readonly<Record<string, readonly string[]>> = {
  text: ['page', 'surface', 'surface-quiet', 'warning-quiet', 'recording-quiet'],
  muted: ['page', 'surface', 'surface-quiet', 'status-on-call', 'status-ringing', 'status-on-hold'],
  recording: ['surface', 'recording-quiet'],
  warning: ['surface', 'warning-quiet'],
  'on-blackout': ['blackout'],
  'on-alarm': ['alarm'],
  'status-on-call': ['surface', 'status-on-call'],
  'status-ringing': ['page', 'surface', 'status-ringing'],
  'status-on-hold': ['surface', 'status-on-hold'],
  'status-wrap-up': ['surface'],
  'status-idle': ['page', 'surface'],
  'status-busy': ['surface'],
  'status-break': ['surface'],
  'status-offline': ['surface', 'surface-quiet'],
  'status-unknown': ['surface'],
};

type Colour = readonly number[];

const css = readFileSync(new URL('../../src/web/wallboard/wallboard.css', import.meta.url), 'utf8');

const coloursOf = (block: string): Map<string, Colour> =>
  new Map(
    [...block.matchAll(/--([a-z-]+): #([0-9a-f]{6});/g)].map(([, name, hex]) => [
      name!,
      [0, 2, 4].map((at) => Number.parseInt(hex!.slice(at, at + 2), 16)),
    ]),
  );

/** As WCAG 2 defines it. */
const luminance = (colour: Colour): number => {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
};

const contrast = (a: Colour, b: Colour): number => {
  const [dark, light] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (light! + 0.05) / (dark! + 0.05);
};

/** axe-core leaves out texts of one character, such as most counts: the colours themselves are held to 4.5:1 here, in both schemes. */
test('every colour of the wallboard can be read on what lies behind it', () => {
  const [, light = '', dark = ''] = /:root \{([^}]*)\}\s*:root\[data-mantine-color-scheme="dark"\] \{([^}]*)\}/.exec(css) ?? [];
  for (const [scheme, colours] of Object.entries({ light: coloursOf(light), dark: new Map([...coloursOf(light), ...coloursOf(dark)]) })) {
    // A tile on a call, ringing or on hold is tinted with 7 percent of its status.
    const behind = (name: string): Colour =>
      name.startsWith('status-')
        ? colours.get(name)!.map((channel, at) => 0.07 * channel + 0.93 * colours.get('surface')![at]!)
        : colours.get(name)!;
    for (const [name, backgrounds] of Object.entries(pairs)) {
      for (const background of backgrounds) {
        const ratio = contrast(colours.get(name)!, behind(background));
        assert.ok(ratio >= 4.5, `${scheme}: ${name} on ${background} has ${ratio.toFixed(2)}:1`);
      }
    }
  }
});
