import assert from 'node:assert/strict';
import { SourceFilter } from '../../../lib/media/worker/source-filter';

function filter(): SourceFilter {
  const source = new SourceFilter();
  source.signalled('192.0.2.1', 4000);
  return source;
}

describe('media: source filter and symmetric RTP', () => {
  it('accepts the address of the SDP and then nobody else', () => {
    const source = filter();
    assert.equal(source.judge('192.0.2.1', 4000), 'accept');
    source.confirm('192.0.2.1', 4000);
    assert.equal(source.judge('198.51.100.9', 4000), 'foreign');
    assert.equal(source.judge('192.0.2.1', 4002), 'foreign');
  });

  it('follows the first valid stream when the SDP names an address behind a NAT', () => {
    const source = filter();
    assert.equal(source.judge('203.0.113.5', 61000), 'latch');
    assert.equal(source.address, '192.0.2.1', 'judging alone changes nothing');
    source.confirm('203.0.113.5', 61000);
    assert.deepEqual([source.address, source.port], ['203.0.113.5', 61000]);
    assert.equal(source.judge('198.51.100.9', 4000), 'foreign');
  });

  it('goes back to the address of the SDP when packets come from there after all', () => {
    const source = filter();
    source.confirm('198.51.100.9', 9);
    assert.equal(source.judge('192.0.2.1', 4000), 'latch');
    source.confirm('192.0.2.1', 4000);
    assert.equal(source.judge('198.51.100.9', 9), 'foreign');
  });

  it('does not let a late packet of the call before keep the peer out', () => {
    const source = filter();
    source.confirm('198.51.100.9', 9);
    for (let packet = 0; packet < 4; packet++) {
      assert.equal(source.judge('203.0.113.5', 61000), 'foreign');
    }
    assert.equal(source.judge('203.0.113.5', 61000), 'latch', 'the fifth in a row');
    source.confirm('203.0.113.5', 61000);
    assert.deepEqual([source.address, source.port], ['203.0.113.5', 61000]);
  });

  it('lets nobody displace a stream that goes on, nor one that has settled, nor the one of the SDP', () => {
    const goesOn = filter();
    for (let packet = 0; packet < 100; packet++) {
      goesOn.confirm('203.0.113.5', 61000);
      assert.equal(goesOn.judge('198.51.100.9', 9), 'foreign');
    }
    for (let packet = 0; packet < 100; packet++) {
      assert.equal(goesOn.judge('198.51.100.9', 9), 'foreign', 'it has settled, and may pause');
    }
    const signalled = filter();
    signalled.confirm('192.0.2.1', 4000);
    for (let packet = 0; packet < 100; packet++) {
      assert.equal(signalled.judge('198.51.100.9', 9), 'foreign');
    }
  });

  it('starts over with a new address, and keeps what was latched when the SDP repeats the old one', () => {
    const source = filter();
    source.confirm('203.0.113.5', 61000);
    source.signalled('192.0.2.1', 4000);
    assert.equal(source.address, '203.0.113.5');
    source.signalled('192.0.2.7', 5000);
    assert.deepEqual([source.address, source.port], ['192.0.2.7', 5000]);
    assert.equal(source.judge('203.0.113.6', 1), 'latch');
  });

  it('does not latch back on the party that a transfer has replaced, unless it goes on for long', () => {
    const filter = new SourceFilter();
    filter.signalled('192.0.2.1', 4000);
    assert.equal(filter.judge('192.0.2.9', 4444), 'latch');
    filter.confirm('192.0.2.9', 4444);
    filter.signalled('192.0.2.2', 5000);
    for (let packet = 0; packet < 100; packet++) assert.equal(filter.judge('192.0.2.9', 4444), 'foreign');
    assert.equal(filter.judge('192.0.2.7', 7777), 'latch', 'the new peer may be behind a NAT');
    assert.equal(filter.judge('192.0.2.2', 5000), 'accept');
    assert.equal(filter.judge('192.0.2.9', 4444), 'latch', 'its SDP has changed, but not where it is');
    assert.deepEqual([filter.address, filter.port], ['192.0.2.2', 5000]);
  });
});
