import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import { codecPreference, diagnoseCodecs, offeredCodecNames, preflight } from '../../../lib/sdp';
import * as peers from './peers';

describe('sdp: diagnosis', () => {
  it('pitfall 3: names the offer, what is allowed and the intersection', () => {
    assert.equal(
      diagnoseCodecs({ offered: ['G722'], allowed: ['PCMU', 'PCMA'] }),
      'no common codec: offered G722; this phone allows PCMU, PCMA',
    );
    assert.equal(
      diagnoseCodecs({
        offered: ['G722'],
        allowed: ['PCMU'],
        offerer: 'this phone',
        answerer: 'the called phone "200"',
      }),
      'no common codec: this phone offered G722; the called phone "200" allows PCMU',
    );
    assert.equal(
      diagnoseCodecs({ offered: ['PCMU', 'G722'], allowed: ['PCMU'], answerer: 'the peer' }),
      'refused although PCMU is common: offered PCMU, G722; the peer allows PCMU',
    );
    assert.equal(
      diagnoseCodecs({ offered: ['PCMU'], offerer: 'this phone', answerer: 'the peer' }),
      'the peer accepted no codec and did not say what it allows: this phone offered PCMU',
    );
    assert.match(diagnoseCodecs({ offered: [], allowed: ['PCMU'] }), /offered nothing;/);
  });

  it('pitfall 3: the pre-flight finds what is common in the order of the offer', () => {
    assert.deepEqual(preflight(['OPUS', 'PCMA', 'PCMU'], ['PCMU', 'PCMA']), { common: ['PCMA', 'PCMU'] });
    assert.deepEqual(preflight(['G722'], ['PCMU'], { answerer: 'phone "200"' }), {
      common: [],
      diagnosis: 'no common codec: offered G722; phone "200" allows PCMU',
    });
  });

  it('lists the codecs of an offer for people', () => {
    assert.deepEqual(offeredCodecNames(peers.CISCO), ['G729', 'G722', 'PCMU']);
    assert.deepEqual(offeredCodecNames(peers.LINPHONE), ['OPUS', 'speex/16000', 'speex', 'PCMU', 'PCMA']);
    assert.deepEqual(offeredCodecNames(peers.sdp('v=0', 'm=audio 5000 RTP/AVP 10 99')), [
      'L16/44100/2',
      'payload type 99',
    ]);
    assert.deepEqual(offeredCodecNames('nonsense'), []);
  });

  it('cuts what a hostile peer calls its codecs', () => {
    const offered = Array.from({ length: 100 }, () => `${'x'.repeat(5000)}\u0007`);
    assert.ok(diagnoseCodecs({ offered, allowed: ['PCMU'] }).length < 700);
    assert.equal(
      diagnoseCodecs({ offered: ['a\u001b[31m\nb'], allowed: ['PCMU'] }),
      'no common codec: offered a?[31m?b; this phone allows PCMU',
    );
  });
});

describe('sdp: codecPreference', () => {
  it('pitfall 13: accepts any spelling and keeps the order, each codec once', () => {
    assert.deepEqual(codecPreference(['g.711a', 'ulaw', 'PCMA', 'opus', 'G.722'], { pcmuFallback: false }), [
      'PCMA',
      'PCMU',
      'OPUS',
      'G722',
    ]);
  });

  it('pitfall 3: adds PCMU last, unless it is there already', () => {
    assert.deepEqual(codecPreference(['G722'], { pcmuFallback: true }), ['G722', 'PCMU']);
    assert.deepEqual(codecPreference(['pcmu', 'G722'], { pcmuFallback: true }), ['PCMU', 'G722']);
    assert.deepEqual(codecPreference(['G722'], { pcmuFallback: false }), ['G722']);
  });

  it('names what it does not know and what is known', () => {
    assert.throws(
      () => codecPreference(['PCMU', 'G.729'], { pcmuFallback: true }),
      (error) =>
        error instanceof SipflowError &&
        error.code === 'BAD_CONFIG' &&
        /"G\.729".*PCMU, PCMA, G722, L16, OPUS/.test(error.message),
    );
    assert.throws(
      () => codecPreference([], { pcmuFallback: false }),
      (error) => error instanceof SipflowError && error.code === 'BAD_CONFIG',
    );
  });
});
