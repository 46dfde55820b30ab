import assert from 'node:assert/strict';
import type { Call, ListenReport } from '../../../lib/calls';
import { connect, Phones } from '../../support/phones';

describe('who answers a call', () => {
  let phones: Phones;
  let caller: Call;
  let callee: Call;
  beforeEach(async () => {
    phones = new Phones();
    phones.world.rememberAudio();
    const [one, two] = await Promise.all([phones.phone('1001'), phones.phone('1002')]);
    ({ out: caller, in: callee } = await connect(one, two));
  });
  afterEach(() => phones.close());

  /** Plays sounds and tones with their length in seconds, one after the other. */
  const play = async (...sources: (string | [string, number])[]): Promise<void> => {
    for (const source of sources) {
      const [name, duration] = typeof source === 'string' ? [source, undefined] : source;
      const playback = await callee.play({
        source: name,
        ...(duration === undefined ? {} : { maxDuration: duration }),
      });
      await playback.finished;
    }
  };

  const described = ({ reason, heard }: ListenReport): string => `${reason} ${JSON.stringify(heard)}`;

  it('a person: a word, then silence', async () => {
    const listening = caller.listen({ for: 'answerer' });
    await play('sipflow:goodbye');
    const report = await listening;
    const { reason, heard } = report;
    assert.deepEqual(
      [reason, heard.what, heard.why],
      ['heard', 'human', 'short-greeting'],
      described(report),
    );
    assert.ok(Math.abs((heard.greetingLengthMs ?? 0) - 500) < 120, described(report));
  });

  it('a machine, and the end of its beep', async () => {
    const listening = caller.listen({ for: 'answerer' });
    const forBeep = caller.listen({ for: 'answerer', reference: 'beep' });
    const forPerson = caller.listen({ for: 'answerer', reference: 'human' });
    await play('sipflow:menu', 'sipflow:welcome', ['tone:1000', 0.4]);
    const machine = await listening;
    assert.deepEqual([machine.reason, machine.heard.what], ['heard', 'machine'], described(machine));
    const person = await forPerson;
    assert.deepEqual([person.reason, person.heard.what], ['not-heard', 'machine'], described(person));
    const beep = await forBeep;
    assert.deepEqual([beep.reason, beep.heard.what, beep.heard.frequencies], ['heard', 'beep', [1000]]);
    assert.ok(Math.abs(beep.heard.endMs - beep.heard.startMs - 400) < 30, described(beep));
  });

  it('a fax terminal by its calling tone, and by its answer tone', async () => {
    const calling = caller.listen({ for: 'answerer' });
    await play(['tone:1100/500,3000', 1.5]);
    const cng = await calling;
    assert.deepEqual([cng.reason, cng.heard.what, cng.heard.why], ['heard', 'fax', 'cng'], described(cng));
    const answering = caller.listen({ for: 'answerer', reference: 'fax' });
    await play(['tone:2100', 1.6]);
    const ced = await answering;
    assert.deepEqual([ced.reason, ced.heard.what, ced.heard.why], ['heard', 'fax', 'ced'], described(ced));
  });

  it('nobody: says that it does not know, and why', async () => {
    const report = await caller.listen({ for: 'answerer', timeout: 0.6 });
    const { reason, heard } = report;
    assert.deepEqual([reason, heard.what, heard.why], ['not-heard', 'unknown', 'silence'], described(report));
  });

  it('a call-progress tone by name, and what sounded instead', async () => {
    const busy = caller.listen({ for: 'tone', reference: 'busy', timeout: 8 });
    const congestion = caller.listen({ for: 'tone', reference: 'congestion', timeout: 3 });
    const any = caller.listen({ for: 'tone' });
    await play(['tone:busy-us', 3.2]);
    const report = await busy;
    assert.deepEqual([report.reason, report.heard.what], ['heard', 'busy'], described(report));
    assert.match(report.heard.reference ?? '', /^busy-(us|kr|ca|tw|ph)$/);
    assert.deepEqual((await any).heard.frequencies?.toSorted(), [480, 620]);
    const instead = await congestion;
    assert.equal(instead.reason, 'not-heard');
    assert.match(instead.heard.reference ?? '', /480\+620|620\+480/, described(instead));
  });

  it('refuses a tone and an answerer that there are none of', async () => {
    await assert.rejects(caller.listen({ for: 'tone', reference: 'busy-xx' }), { code: 'BAD_AUDIO' });
    await assert.rejects(caller.listen({ for: 'answerer', reference: 'dog' }), {
      code: 'BAD_AUDIO',
      message: /"dog" cannot be waited for: write human, machine, fax or beep/,
    });
  });
});
