import assert from 'node:assert/strict';
import { PeerWatch } from '../../../lib/calls/peer/peer-watch';
import type { Failure } from '../../../lib/common/errors';
import type { SipDialog, SipResponseInfo } from '../../../lib/sip/types';
import { ManualClock } from '../../support/manual-clock';

const LIMIT_MS = 30_000;

/** A call whose peer answers as the test says. */
class Host {
  readonly clock = new ManualClock();
  readonly limitMs = LIMIT_MS;
  readonly asked: string[] = [];
  readonly failures: Failure[] = [];
  silences = 0;
  packets = 100;
  answered = true;
  expects = true;
  /** Undefined: no answer ever. */
  status: number | undefined = 200;
  readonly watch = new PeerWatch({
    clock: this.clock,
    limitMs: LIMIT_MS,
    received: () => Promise.resolve(this.packets),
    dialog: () => (this.answered ? this.#dialog : undefined),
    expects: () => this.expects,
    silent: () => (this.silences += 1),
    lost: (failure) => this.failures.push(failure),
  });
  readonly #dialog = {
    request: (method: string) => {
      this.asked.push(method);
      const { status } = this;
      if (status === undefined) return new Promise<SipResponseInfo>(() => undefined);
      return Promise.resolve({ status, reason: '', headers: {} });
    },
  } as unknown as SipDialog;

  async pass(ms: number): Promise<void> {
    await settled();
    this.clock.advance(ms);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the watch on a silent peer', () => {
  it('asks a silent peer, and as long as it answers the call stands', async () => {
    const host = new Host();
    host.watch.notice();
    await host.pass(LIMIT_MS);
    await host.pass(LIMIT_MS);
    assert.deepEqual(host.asked, ['OPTIONS', 'OPTIONS', 'OPTIONS']);
    assert.deepEqual([host.silences, host.failures.length], [1, 0]);
    host.watch.stop();
    assert.equal(host.clock.pending, 0);
  });

  it('stops asking when packets come again, and begins anew at the next silence', async () => {
    const host = new Host();
    host.watch.notice();
    await settled();
    host.packets += 50;
    await host.pass(LIMIT_MS);
    await host.pass(10 * LIMIT_MS);
    assert.deepEqual([host.asked.length, host.clock.pending], [1, 0]);
    host.watch.notice();
    await settled();
    assert.deepEqual([host.asked.length, host.silences], [2, 2]);
    host.watch.stop();
  });

  for (const status of [408, 481, 503]) {
    it(`takes ${status} for a peer that is gone`, async () => {
      const host = new Host();
      host.status = status;
      host.watch.notice();
      await settled();
      assert.deepEqual(
        host.failures.map(({ code }) => code),
        ['TIMEOUT'],
      );
      assert.equal(host.clock.pending, 0);
    });
  }

  it('takes any other refusal for a sign of life', async () => {
    const host = new Host();
    host.status = 405;
    host.watch.notice();
    await settled();
    assert.equal(host.failures.length, 0);
    host.watch.stop();
  });

  it('gives up on a peer that does not answer at all', async () => {
    const host = new Host();
    host.status = undefined;
    host.watch.notice();
    await host.pass(7_999);
    assert.equal(host.failures.length, 0);
    await host.pass(1);
    assert.match(host.failures[0]?.message ?? '', /no audio for 30 s/);
    await host.pass(10 * LIMIT_MS);
    assert.deepEqual([host.failures.length, host.clock.pending], [1, 0]);
  });

  it('keeps the call when audio comes while the question is out', async () => {
    const host = new Host();
    host.status = undefined;
    host.watch.notice();
    await settled();
    host.packets += 1;
    await host.pass(8_000);
    assert.equal(host.failures.length, 0);
    host.watch.stop();
  });

  it('asks a peer that never sent anything, too, but not before the answer', async () => {
    const host = new Host();
    host.packets = 0;
    host.answered = false;
    host.watch.notice();
    await host.pass(LIMIT_MS);
    assert.deepEqual(host.asked, []);
    host.answered = true;
    host.status = undefined;
    await host.pass(LIMIT_MS);
    assert.deepEqual(host.asked, ['OPTIONS']);
    await host.pass(8_000);
    assert.deepEqual([host.silences, host.failures.length, host.clock.pending], [1, 1, 0]);
  });

  it('stops asking when the peer is to send no more, as on hold', async () => {
    const host = new Host();
    host.watch.notice();
    await settled();
    host.expects = false;
    await host.pass(LIMIT_MS);
    await host.pass(10 * LIMIT_MS);
    assert.deepEqual([host.asked.length, host.clock.pending], [1, 0]);
  });

  it('is told when its question broke the dialog, and only then', async () => {
    const host = new Host();
    host.status = undefined;
    assert.equal(host.watch.dialogBroke(), false);
    host.watch.notice();
    await settled();
    assert.equal(host.watch.dialogBroke(), true);
    assert.equal(host.failures[0]?.code, 'TIMEOUT');
    assert.equal(host.watch.dialogBroke(), false);
    await host.pass(10 * LIMIT_MS);
    assert.deepEqual([host.failures.length, host.clock.pending], [1, 0]);
  });

  it('ends with the call', async () => {
    const host = new Host();
    host.status = undefined;
    host.watch.notice();
    await settled();
    host.watch.stop();
    await host.pass(10 * LIMIT_MS);
    assert.deepEqual([host.failures.length, host.clock.pending], [0, 0]);
  });
});
