import assert from 'node:assert/strict';
import { ackFor, readResponse, rfc4475Cases, rfc5118Cases, type TortureCase } from '../../support/torture';

/** Every section of RFC 4475 that holds a message. */
const SECTIONS = [
  ...Array.from({ length: 13 }, (_, index) => `3.1.1.${index + 1}`),
  ...Array.from({ length: 19 }, (_, index) => `3.1.2.${index + 1}`),
  '3.2.1',
  ...Array.from({ length: 15 }, (_, index) => `3.3.${index + 1}`),
  '3.4.1',
];

/** Cases whose framing is what is wrong with them. */
const WRONG_LENGTH = new Set(['clerr', 'ncl', 'mcl01', 'dblreq']);

const ALL = [...rfc4475Cases(), ...rfc5118Cases()];

function parts({ bytes }: TortureCase): { head: string[]; body: string } {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  assert.ok(end > 0, text);
  return { head: text.slice(0, end).split('\r\n'), body: text.slice(end + 4) };
}

function caseOf(name: string): TortureCase {
  return ALL.find((each) => each.name === name) ?? assert.fail(name);
}

function mayGiveStatus(each: TortureCase): boolean {
  return [each.expect, ...(each.or ?? [])].some(({ kind }) => kind !== 'silence');
}

describe('torture corpus', () => {
  it('has all 49 messages of RFC 4475, each once and in order', () => {
    assert.deepEqual(
      rfc4475Cases().map(({ section }) => section),
      SECTIONS.map((section) => `RFC 4475, ${section}`),
    );
  });

  it('has all 12 messages of RFC 5118', () => {
    const sections = rfc5118Cases().map(({ section }) => section.replace('RFC 5118, 4.', ''));
    assert.deepEqual(sections, ['1', '2', '3', '4', '5', '5', '6', '7', '8', '9', '10', '10']);
  });

  it('keeps the cases apart: names, Call-IDs and branches are used once', () => {
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length);
    const callIds = ALL.flatMap((each) => parts(each).head.filter((line) => /^(call-id|i)\s*:/i.test(line)));
    assert.equal(new Set(callIds).size, callIds.length);
    const branches = ALL.map((each) => /branch=([^;,\s]*)/.exec(each.bytes.toString('latin1'))?.[1]);
    assert.equal(new Set(branches).size, ALL.length);
  });

  for (const each of ALL) {
    it(`${each.section} ${each.name}: is whole, explains itself and can be answered`, () => {
      const { head, body } = parts(each);
      assert.ok(!head.some((line) => /[\r\n]/.test(line)), 'a bare CR or LF in the header section');
      if (!WRONG_LENGTH.has(each.name)) {
        const lengths = head.filter((line) => /^(content-length|l)\s*:/i.test(line));
        assert.deepEqual(
          lengths.map((line) => Number(line.slice(line.indexOf(':') + 1))),
          [body.length],
        );
      }
      assert.ok(each.why.endsWith('.'));
      assert.equal(Boolean(each.or) && !each.alternatives, false);
      const text = each.bytes.toString('latin1');
      for (const echo of each.echoes) {
        assert.ok(text.includes(Buffer.from(echo).toString('latin1')), `echo ${echo.toString()}`);
      }
      if (mayGiveStatus(each)) assert.ok(text.includes('127.0.0.1:5060'));
      assert.ok(each.bytes.length < 8_000);
    });
  }

  it('writes the top Via that it is asked for', () => {
    for (const each of rfc4475Cases({ sentBy: '[::1]:4444', transport: 'TCP' })) {
      if (mayGiveStatus(each)) assert.match(each.bytes.toString('latin1'), /TCP\s+\[::1\]:4444/, each.name);
    }
  });

  it('contains the faults and oddities that it claims', () => {
    const text = (name: string): string => caseOf(name).bytes.toString('latin1');
    assert.ok(caseOf('intmeth').bytes.includes(Buffer.from('5c07204e554c205c002044454c205c7f', 'hex')));
    assert.ok(caseOf('intmeth').bytes.includes(Buffer.from('efbbbf', 'hex')));
    assert.match(text('escnull'), /%00%00@/);
    assert.match(text('noreason'), /^SIP\/2\.0 100 \r\n/);
    assert.match(text('trws'), /^[^\r]+SIP\/2\.0 {2}\r\n/);
    assert.match(text('lwsstart'), /^INVITE {2}sip:user@example\.com {2}SIP/);
    assert.match(text('ncl'), /Content-Length: -999/);
    assert.match(text('scalar02'), /CSeq: 36893488147419103232 REGISTER/);
    assert.equal(Number('4294967301') % 2 ** 32, 5);
    assert.match(text('badbranch'), /branch=z9hG4bK\r\n/);
    assert.doesNotMatch(text('inv2543'), /branch|tag=|Max-Forwards/);
    assert.doesNotMatch(text('insuf'), /\r\n(To|From|Call-ID):/);
    assert.ok(caseOf('mpart01').bytes.includes(0));
    assert.equal(text('dblreq').match(/SIP\/2\.0\r\n/g)?.length, 2);
    assert.ok(text('longreq').match(/\r\n(Via|v|V):/g)?.length === 34);
  });
});

describe('torture corpus: tools', () => {
  const response = Buffer.from(
    'SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b;branch=2\r\n' +
      'From: <sip:x@\u00e9>;tag=f\r\nTo: <sip:y>;tag=t\r\nCall-ID: c\r\nCSeq: 0008 INVITE\r\nContent-Length: 0\r\n\r\n',
  );

  it('reads a response and leaves requests alone', () => {
    const read = readResponse(response);
    assert.equal(read?.status, 400);
    assert.equal(read.reason, 'Bad Request');
    assert.equal(read.fields.length, 7);
    assert.equal(readResponse(Buffer.from('BYE sip:a SIP/2.0\r\n\r\n')), undefined);
  });

  it('acknowledges it with the bytes that it got', () => {
    const read = readResponse(response) ?? assert.fail();
    const ack = ackFor(read, 'sip:z');
    assert.ok(
      ack.includes(
        Buffer.from('From: <sip:x@\u00e9>;tag=f\r\nTo: <sip:y>;tag=t\r\nCall-ID: c\r\nCSeq: 8 ACK\r\n'),
      ),
    );
    assert.ok(ack.toString().startsWith('ACK sip:z SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nMax-Forwards'));
  });
});
