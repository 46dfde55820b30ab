import assert from 'node:assert/strict';
import { type TargetOptions, numberOf, resolveTarget } from '../../../lib/calls/target/target';
import { SipflowError } from '../../../lib/common/errors';

const SIMULATION: TargetOptions = { mode: 'simulation' };
const NETWORK: TargetOptions = { mode: 'network', domain: 'pbx.example.com' };

describe('calls: resolveTarget', () => {
  const SIMULATED: [text: string, dn: string][] = [
    ['200', '200'],
    [' 200 ', '200'],
    ['+8225551234', '+8225551234'],
    ['*21#', '*21#'],
    ['anna.b', 'anna.b'],
    ['홍길동', '홍길동'],
    ['홍길동'.normalize('NFD'), '홍길동'],
    ['sip:200@example.com', '200'],
    ['SIP:200@127.0.0.1:5060;transport=udp', '200'],
    ['sips:200@[::1]:5061', '200'],
    ['sip:%ED%99%8D@example.com', '홍'],
    ['sip:*21%23@example.com', '*21#'],
    ['sip:200:secret@example.com', '200'],
    ['sip:200;phone-context=x@example.com', '200'],
    ['tel:+82-2-555-1234', '+8225551234'],
  ];
  for (const [text, dn] of SIMULATED) {
    it(`simulation: ${text} is the number ${dn}`, () => {
      assert.deepEqual(resolveTarget(text, SIMULATION), { kind: 'simulated', dn });
    });
  }

  const URIS: [text: string, uri: string][] = [
    ['sip:200@example.com', 'sip:200@example.com'],
    ['sips:a.b-c_d@10.0.0.1:5061;transport=tls;lr', 'sips:a.b-c_d@10.0.0.1:5061;transport=tls;lr'],
    ['sip:example.com', 'sip:example.com'],
    ['sip:200@[2001:db8::1]:5060', 'sip:200@[2001:db8::1]:5060'],
    ['sip:%2b82@my_host.example.com.', 'sip:%2b82@my_host.example.com.'],
    ['SIP:200@Example.COM', 'SIP:200@Example.COM'],
    ['sip:*21#@example.com', 'sip:*21#@example.com'],
    ['sip:200:secret@example.com', 'sip:200:secret@example.com'],
    ['sip:a?b;c=d/e@example.com', 'sip:a?b;c=d/e@example.com'],
    ['sip:홍@example.com', 'sip:%ED%99%8D@example.com'],
    ['200', 'sip:200@pbx.example.com'],
    ['+8225551234', 'sip:+8225551234@pbx.example.com'],
    ['*21#', 'sip:*21%23@pbx.example.com'],
    ['100%', 'sip:100%25@pbx.example.com'],
    ['홍', 'sip:%ED%99%8D@pbx.example.com'],
    ['tel:+82-2-(555).1234', 'sip:+8225551234@pbx.example.com;user=phone'],
    ['tel:1234;phone-context=+82', 'sip:1234;phone-context=+82@pbx.example.com;user=phone'],
    ['tel:*21#', 'sip:*21%23@pbx.example.com;user=phone'],
  ];
  for (const [text, uri] of URIS) {
    it(`network: ${text} is ${uri}`, () => {
      assert.deepEqual(resolveTarget(text, NETWORK), { kind: 'network', uri });
    });
  }

  it('network: the domain may have a port or be an IPv6 address', () => {
    for (const domain of ['pbx:5070', '[2001:db8::1]', '[2001:db8::1]:5070', '10.0.0.1']) {
      assert.deepEqual(resolveTarget('200', { mode: 'network', domain }), {
        kind: 'network',
        uri: `sip:200@${domain}`,
      });
    }
  });

  const BAD = [
    '',
    '   ',
    'not a target',
    '12 34',
    'http://example.com',
    'mailto:a@example.com',
    'localhost:5060',
    'sip:',
    'sips:',
    'sip:@example.com',
    'sip:200',
    'sip:200@',
    'sip:200@300',
    'sip:200@256.1.1.1',
    'sip:200@exa mple.com',
    'sip:200@example..com',
    'sip:200@-x.com',
    'sip:200@[::1',
    'sip:200@[zz]',
    'sip:200@::1',
    'sip:200@example.com:0',
    'sip:200@example.com:65536',
    'sip:200@example.com:x',
    'sip:200@example.com?Subject=x',
    'sip:a@b@example.com',
    'sip:200@예제.com',
    'sip:200@example.com\r\nVia: x',
    '200\r\nX: y',
    '200\u0000',
    '"Anna" <sip:200@example.com>',
    '<sip:200@example.com>',
    '200@example.com',
    'tel:',
    'tel:-',
    'tel:anna',
    'tel:+82;x=<y>',
    `sip:${'2'.repeat(600)}@example.com`,
  ];
  for (const text of BAD) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))} and says what to write`, () => {
      for (const options of [SIMULATION, NETWORK]) {
        assert.throws(
          () => resolveTarget(text, options),
          (error) =>
            error instanceof SipflowError &&
            error.code === 'BAD_TARGET' &&
            /write .*sip:200@example\.com/.test(error.message) &&
            error.message.length < 500,
          options.mode,
        );
      }
    });
  }

  it('a URI without a user is no number in the simulation', () => {
    assert.throws(() => resolveTarget('sip:example.com', SIMULATION), { code: 'BAD_TARGET' });
  });

  it('says how to repair an address without scheme', () => {
    assert.throws(() => resolveTarget('200@example.com', NETWORK), /write sip:200@example\.com/);
  });

  it('asks for the domain when a number needs one', () => {
    for (const text of ['200', 'tel:+82']) {
      for (const domain of [undefined, '', ' ']) {
        assert.throws(() => resolveTarget(text, { mode: 'network', domain }), {
          code: 'BAD_TARGET',
          message: /has no "domain"/,
        });
      }
    }
  });

  it('refuses a domain that is none', () => {
    for (const domain of ['my domain', 'sip:example.com', 'a@b', 'example.com;lr', 'x\r\ny', '300']) {
      assert.throws(() => resolveTarget('200', { mode: 'network', domain }), { code: 'BAD_CONFIG' }, domain);
    }
  });
});

describe('calls: numberOf', () => {
  it('decodes the user part', () => {
    assert.equal(numberOf('*21%23'), '*21#');
    assert.equal(numberOf('200;phone-context=x'), '200');
    assert.equal(numberOf('%zz'), '%zz');
    assert.equal(numberOf(''), '');
  });
});
