import assert from 'node:assert/strict';
import { nodeSets } from '../package/support/editor';
import { nodeRedMajor } from '../support/node-red-path';
import { editorOf } from './fixture';

/** Node-RED has a dark theme since its fifth version. */
const THEMES = nodeRedMajor >= 5 ? (['light', 'dark'] as const) : (['light'] as const);

/** Names of the categories, the second of which holds nothing but what a test puts there. */
const CATEGORIES = { 'en-US': ['sip', 'sip test'], ko: ['SIP 통화', 'SIP 테스트'] } as const;

describe(`the palette of Node-RED ${nodeRedMajor}`, function () {
  this.timeout(400000);
  const { open } = editorOf([]);

  for (const [language, names] of Object.entries(CATEGORIES)) {
    for (const theme of THEMES) {
      it(`names its categories in ${language} and cuts no label, ${theme}`, async () => {
        const editor = await open(language, theme);
        await editor.run(`(() => {
          const ours = RED.nodes.getType('sip-answer');
          RED.palette.add('sip-for-tests', { ...ours, category: 'sip test', paletteLabel: 'later', set: ours.set });
        })()`);
        const shown = await editor.run<string[]>(
          `['sip', 'sip_test'].map((id) => $('#red-ui-palette-header-' + id + ' span').text())`,
        );
        assert.deepEqual(shown, names);
        await editor.run(`$('#red-ui-palette-container-sip')[0].scrollIntoView(); undefined`);
        const cut = await editor.run<string[]>(`$('#red-ui-palette-container-sip .red-ui-palette-label').get()
          .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)`);
        assert.deepEqual(cut, []);
        await editor.screenshot(`palette-${language}-${theme}`);
        await editor.page.close();
      });
    }
  }

  it('has icons that can be told apart at 16 pixels: no two share two thirds of what they draw', async () => {
    const editor = await open('en-US', 'light');
    const icons = nodeSets().map(({ definition }) => definition.icon);
    const drawn = await editor.run<number[][]>(`Promise.all(${JSON.stringify(icons)}.map(async (icon) => {
      const image = new Image();
      image.src = 'icons/@sipflow/node-red-sipflow/' + icon;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 24 });
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0, 16, 24);
      return [...context.getImageData(0, 0, 16, 24).data].filter((_, index) => index % 4 === 3);
    }))`);
    for (const [n, one] of drawn.entries()) {
      assert.ok(total(one) > 255 * 20, `${icons[n]} is too faint`);
      for (const [m, other] of drawn.entries())
        if (m > n)
          assert.ok(shared(one, other) < 2 / 3, `${icons[n]} and ${icons[m]}: ${shared(one, other)}`);
    }
    await editor.page.close();
  });
});

/** What two pictures have in common, as a share of what either draws; opacities from 0 to 255. */
function shared(one: readonly number[], other: readonly number[]): number {
  const both = one.map((value, index) => Math.min(value, other[index] ?? 0));
  const either = one.map((value, index) => Math.max(value, other[index] ?? 0));
  return total(both) / total(either);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
