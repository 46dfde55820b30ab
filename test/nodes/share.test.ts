import assert from 'node:assert/strict';
import type { PhoneOptions } from '../../lib/calls';
import { sharedOut } from '../../nodes/sip-instance/share';

const PHONE = { mode: 'network', bindAddress: '0.0.0.0', port: 5060, rtpPortMin: 20000, rtpPortMax: 20099 };

describe('a phone in several processes', () => {
  const shared = (index: number, count: number, more: object = {}, source?: string): PhoneOptions =>
    sharedOut({ ...PHONE, ...more } as PhoneOptions, {
      index,
      count,
      ...(source ? { source } : {}),
      ...(index > 0 ? { registers: false } : {}),
    });

  it('has a part of its RTP ports in each, whole pairs and none twice', () => {
    const ranges = [0, 1, 2].map((index) => {
      const { rtpPortMin, rtpPortMax } = shared(index, 3);
      return [rtpPortMin, rtpPortMax];
    });
    assert.deepEqual(ranges, [
      [20000, 20031],
      [20032, 20063],
      [20064, 20095],
    ]);
  });

  it('has its SIP port and its registration in the first one alone', () => {
    assert.deepEqual([shared(0, 2).port, shared(0, 2).register], [5060, undefined]);
    assert.deepEqual([shared(1, 2).port, shared(1, 2).register], [0, false]);
  });

  it('has its SIP port in each that has an address of its own', () => {
    const { bindAddress, port, register } = shared(1, 2, {}, '127.0.0.3');
    assert.deepEqual([bindAddress, port, register], ['127.0.0.3', 5060, false]);
  });

  it('keeps its address in the simulation', () => {
    assert.equal(
      shared(0, 1, { mode: 'simulation', bindAddress: '127.0.0.1' }, '127.0.0.3').bindAddress,
      '127.0.0.1',
    );
  });
});
