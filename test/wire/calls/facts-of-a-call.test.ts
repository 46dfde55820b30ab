import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { IncomingCall, OutgoingCall } from '../../../lib/calls';
import { Phones, receive } from '../../support/phones';

describe('what a phone and a call tell of themselves', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('a call is announced when it begins, to the side that is called before its listener gets it', async () => {
    const alice = await phones.phone('1001');
    const bob = await phones.phone('1002');
    const told: string[] = [];
    const began = ({ direction, state }: IncomingCall | OutgoingCall): void =>
      void told.push(`${direction} ${state}`);
    alice.on('call', began);
    bob.on('call', began);
    receive(bob, (call) => {
      told.push('listener');
      void call.answer();
    });
    const call = await alice.dial('1002');
    await call.outcome;
    assert.deepEqual(told, ['out new', 'in new', 'listener']);
    assert.deepEqual(alice.calls, [call]);
    await call.hangup();
    assert.deepEqual(alice.calls, []);
  });

  it('digits and recordings of a call can be asked for while it lasts and afterwards', async () => {
    const alice = await phones.phone('1001');
    const bob = await phones.phone('1002');
    const taken = new Promise<IncomingCall>((resolve) => receive(bob, resolve));
    const call = await alice.dial('1002');
    const answered = await taken;
    await answered.answer();
    assert.equal(answered.holdsPorts, true);
    assert.deepEqual([answered.receivedDigits, answered.recordings], [[], []]);
    const recording = await answered.record({ file: 'heard.wav' });
    assert.deepEqual(
      answered.recordings.map(({ final, report }) => ({ final, report })),
      [{ final: false, report: undefined }],
    );
    await call.sendDigits({ digits: '12#' });
    await answered.hangup();
    const report = await recording.finished;

    const found = phones.world.calls.find(answered.ref);
    assert.ok('tombstone' in found);
    const { receivedDigits, recordings } = found.tombstone;
    assert.equal(receivedDigits.map(({ digit }) => digit).join(''), '12#');
    assert.deepEqual(recordings, [{ file: report.file, final: true, report }]);
    assert.ok(existsSync(report.file));
    assert.equal(answered.holdsPorts, false);
  });
});
