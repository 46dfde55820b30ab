import assert from 'node:assert/strict';
import { groupFiles } from '../../cli/fleet/test-groups';

const phone = (id: string, dn: string, fields: object = {}) => ({
  id,
  type: 'sip-instance',
  dn,
  mode: 'network',
  registrar: 'pbx.example.com',
  register: true,
  port: '5060',
  ...fields,
});
const calledAt = (instance: string) => ({ id: `in-${instance}`, type: 'sip-incoming-call', instance });
const PEER = { registrar: '', register: false };

describe('flow files that stay together on a fleet', () => {
  it('are none where phones are simulated, or only call', () => {
    const simulated = [phone('a', '1001', { mode: 'simulation' }), calledAt('a')];
    const calling = [phone('b', '1002', PEER)];
    assert.deepEqual(groupFiles([simulated, calling], {}), [
      { files: [0], isWhole: false, keepsPorts: false },
      { files: [1], isWhole: false, keepsPorts: false },
    ]);
  });

  it('are those that register a number, each as a whole, and together those with the same one', () => {
    const files = [[phone('a', '1001')], [phone('b', '1002')], [phone('c', '1001'), phone('d', '1002')]];
    assert.deepEqual(groupFiles(files.slice(0, 2), {}), [
      { files: [0], isWhole: true, keepsPorts: false },
      { files: [1], isWhole: true, keepsPorts: false },
    ]);
    assert.deepEqual(groupFiles(files, {}), [{ files: [0, 1, 2], isWhole: true, keepsPorts: false }]);
  });

  it('are those with a port that calls come to, which they keep', () => {
    const called = [phone('a', '1001', PEER), calledAt('a')];
    const elsewhere = [phone('b', '1002', { ...PEER, port: '5070' }), calledAt('b')];
    const anyPort = [phone('c', '1003', { ...PEER, port: '0' }), calledAt('c')];
    assert.deepEqual(groupFiles([called, elsewhere, called, anyPort], {}), [
      { files: [0, 2], isWhole: true, keepsPorts: true },
      { files: [1], isWhole: true, keepsPorts: true },
      { files: [3], isWhole: false, keepsPorts: false },
    ]);
  });

  it('reads variables in the fields of phones', () => {
    const file = [phone('a', '1001', { registrar: '${PBX_HOST}' })];
    assert.equal(groupFiles([file], { PBX_HOST: 'pbx' })[0].isWhole, true);
    assert.equal(groupFiles([file], {})[0].isWhole, false);
  });
});
