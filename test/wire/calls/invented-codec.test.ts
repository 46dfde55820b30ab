import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { registerCodec } from '../../../lib/audio';
import { createWorld, type World } from '../../../lib/calls';
import { undisturbed } from '../../support/stall-watch';
import { nextCall } from '../../support/phones';
import { linear8 } from '../../support/invented/codec';

const ROOT = join(__dirname, '..', '..', '..');
const SUPPORT = join(ROOT, 'test', 'support', 'invented', 'codec.ts');

/** Code of a worker thread that knows the codec before it begins. */
function workerCode(entry: string): string {
  const lib = join(ROOT, 'lib');
  return [
    `require(${JSON.stringify(require.resolve('tsx/cjs'))});`,
    `const { linear8, linear8Coder } = require(${JSON.stringify(SUPPORT)});`,
    `require(${JSON.stringify(join(lib, 'audio', 'index.ts'))}).registerCodec(linear8);`,
    `require(${JSON.stringify(join(lib, 'media', 'worker', 'codecs', 'index.ts'))}).registerCoder(linear8.name, linear8Coder);`,
    `require(${JSON.stringify(join(lib, 'media', `${entry}.ts`))});`,
  ].join('\n');
}

describe('a codec that only a test knows', () => {
  const built = process.env.SIPFLOW_BUILT_MEDIA;
  let folder: string;
  let world: World;
  let forget: () => void;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-codec-'));
    for (const entry of ['worker/main', 'files/main']) {
      const file = join(folder, `${entry}.js`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, workerCode(entry));
    }
    process.env.SIPFLOW_BUILT_MEDIA = folder;
    forget = registerCodec(linear8);
    world = createWorld({ mediaWorkers: 1 });
  });
  after(async () => {
    await world.close();
    forget();
    if (built === undefined) delete process.env.SIPFLOW_BUILT_MEDIA;
    else process.env.SIPFLOW_BUILT_MEDIA = built;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is offered, agreed and heard, without another file that names it', async () => {
    const caller = world.phone({ number: '1001', codecs: ['l8-bit', 'PCMU'] });
    const callee = world.phone({ number: '1002', codecs: ['linear8'] });
    await Promise.all([caller.start(), callee.start()]);
    const incoming = nextCall(callee);
    const out = await caller.dial('1002');
    const inc = await incoming;
    await inc.answer();
    assert.equal((await out.outcome).kind, 'answered');
    assert.equal((await out.info()).codec, 'LINEAR8');

    const offer = out.trace().find(({ text }) => text.startsWith('INVITE'))?.text ?? '';
    assert.match(offer, /m=audio \d+ RTP\/AVP 121 0 /);
    assert.match(offer, /a=rtpmap:121 LINEAR8\/8000\r\n/);
    assert.match(offer, /a=fmtp:121 offset=128\r\n/);

    await undisturbed(async () => {
      const heard = inc.gather({
        maxDigits: 3,
        methods: ['inband'],
        firstDigitTimeout: 10,
        interDigitTimeout: 1,
      });
      await out.sendDigits({ digits: '159', method: 'inband' });
      assert.equal((await heard).digits, '159');
    });
    assert.ok(((await inc.info()).mos ?? 0) > 4);
    await out.hangup();
    await Promise.all([caller.close(), callee.close()]);
  });
});
