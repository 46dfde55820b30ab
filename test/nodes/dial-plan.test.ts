import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Bench, type FlowNode } from './support/bench';

const GUIDE = resolve(__dirname, '../../docs/guide');
const flow = JSON.parse(readFileSync(join(GUIDE, 'dial-plan.json'), 'utf8')) as FlowNode[];

describe('the dial plan of the guide', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench();
    await bench.load(
      ...flow
        .filter(({ type }) => !['tab', 'inject', 'debug'].includes(type))
        .map(({ z: _z, ...rest }) => rest),
    );
  });
  afterEach(() => bench.close());

  for (const [written, called, by] of [
    ['02 555 1234', '+8225551234', '701'],
    ['+82 2-555-1234', '+8225551234', '701'],
    ['0049 30 123456', '+4930123456', '702'],
  ] as const) {
    it(`calls ${called} by ${by} for ${written}`, async () => {
      bench.send('dialplanformat', { to: written });
      const { to, call, sip } = await bench.next('dialplanresult');
      assert.equal(to, called);
      assert.match((call as { from: string }).from, new RegExp(`sip:${by}@`));
      assert.equal((sip as { status: number }).status, 200);
    });
  }

  it('calls extensions by the PBX, and nothing that no rule allows', async () => {
    bench.send('dialplanformat', { to: '704' });
    const { sip } = await bench.next('dialplanresult');
    assert.equal((sip as { status: number }).status, 404);
    for (const to of ['0900 1234', '12', 'sip:200@pbx.lan']) {
      bench.send('dialplanformat', { to });
      assert.equal((await bench.next('dialplanresult')).payload, 'not allowed', to);
    }
  });

  it('has the expression that its pages explain', () => {
    const format = flow.find(({ id }) => id === 'dialplanformat');
    const { to } = (format?.rules as { to: string }[])[0] ?? {};
    for (const page of ['dial-plans.md', 'ko/dial-plans.md'])
      assert.ok(readFileSync(join(GUIDE, page), 'utf8').includes(`\`\`\`jsonata\n${to}\n`), page);
  });
});
