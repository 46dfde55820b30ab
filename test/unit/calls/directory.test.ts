import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import { type SimulatedPhone, SimulationDirectory } from '../../../lib/calls/target/directory';

const phone = (dn: string, phoneId: string, port = 5060): SimulatedPhone => ({
  dn,
  phoneId,
  address: { address: '127.0.0.1', port },
  codecs: ['PCMU', 'PCMA'],
});

describe('simulation: directory', () => {
  it('finds a phone by its number until it leaves', () => {
    const directory = new SimulationDirectory();
    const leave = directory.register(phone('100', 'a', 5061));
    directory.register(phone('홍길동', 'b', 5062));
    assert.deepEqual(directory.lookup('100'), phone('100', 'a', 5061));
    assert.equal(directory.lookup('홍길동')?.phoneId, 'b');
    assert.equal(directory.lookup(' 100 ')?.phoneId, 'a');
    assert.equal(directory.lookup('10'), undefined);
    assert.equal(directory.lookup('constructor'), undefined);
    assert.deepEqual(directory.numbers(), ['100', '홍길동']);
    leave();
    assert.equal(directory.lookup('100'), undefined);
  });

  it('refuses a number twice, naming it and what to do', () => {
    const directory = new SimulationDirectory();
    directory.register(phone('100', 'a'));
    assert.throws(
      () => directory.register(phone(' 100', 'b')),
      (error) =>
        error instanceof SipflowError &&
        error.code === 'BAD_CONFIG' &&
        /number 100 .*Give this one a number of its own/.test(error.message),
    );
    assert.equal(directory.lookup('100')?.phoneId, 'a');
  });

  it('refuses a blank number', () => {
    const directory = new SimulationDirectory();
    assert.throws(() => directory.register(phone('  ', 'a')), {
      code: 'BAD_CONFIG',
      message: /needs a number/,
    });
  });

  it('gives a number free again; leaving twice harms nobody', () => {
    const directory = new SimulationDirectory();
    const leave = directory.register(phone('100', 'old'));
    leave();
    directory.register(phone('100', 'new'));
    leave();
    assert.equal(directory.lookup('100')?.phoneId, 'new');
  });
});
