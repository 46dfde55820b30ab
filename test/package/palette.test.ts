import assert from 'node:assert/strict';
import { catalogue, LANGUAGES, lookUp, nodeSets, type NodeSet } from './support/editor';

const sets = nodeSets();
const shared = sets.find(({ name }) => name === 'sip-instance') as NodeSet;

/** What a colour says about a node. */
const TINTS = { control: '#63B0A1', media: '#D1955F', information: '#8AA1D8' } as const;

/** The nodes whose tint is not that of control. */
const TINT_OF: Readonly<Record<string, keyof typeof TINTS>> = {
  'sip-early-media': 'media',
  'sip-play-audio': 'media',
  'sip-record': 'media',
  'sip-send-dtmf': 'media',
  'sip-receive-dtmf': 'media',
  'sip-listen': 'information',
  'sip-menu': 'media',
  'sip-wait': 'information',
  'sip-call-info': 'information',
  'sip-expect': 'information',
  'sip-call-events': 'information',
};

/** Of the label on a node: in the light theme of Node-RED 4 and 5, and in the dark one of Node-RED 5. */
const LABEL_COLOURS = { light: '#333333', dark: '#191919' } as const;

describe('the palette', () => {
  it('has one tint each for nodes that control calls, handle their media, and tell about them', () => {
    for (const { type, definition } of sets)
      assert.equal(definition.color, TINTS[TINT_OF[type] ?? 'control'], type);
  });

  it('has tints on which labels are read in either theme: a contrast of at least 4.5 (WCAG 2.1, 1.4.3)', () => {
    for (const [theme, label] of Object.entries(LABEL_COLOURS))
      for (const tint of Object.values(TINTS)) assert.ok(contrast(tint, label) >= 4.5, `${tint} ${theme}`);
  });

  it('has a name in both languages for each of its categories, and for that of the nodes for tests', () => {
    const used = sets.map(({ definition }) => definition.category).filter((name) => name !== 'config');
    for (const category of new Set([...used, 'sip test'])) {
      const key = `palette.label.${category.replace(' ', '_')}`;
      for (const language of LANGUAGES)
        assert.ok(lookUp(catalogue(shared, language), key), `${language} ${key}`);
    }
  });
});

/** The contrast ratio of two colours (WCAG 2.1), from 1 to 21. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The relative luminance of `#rrggbb`, from 0 to 1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
