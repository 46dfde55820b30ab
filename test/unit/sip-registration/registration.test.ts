import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import {
  Registration,
  type RegisterOutcome,
  type RegisterRequest,
  type RegistrationOptions,
  type RegistrationReport,
} from '../../../lib/sip/registration';
import type { Headers } from '../../../lib/sip/types';
import { ManualClock } from '../../support/manual-clock';

const CONTACT = 'sip:100@192.0.2.5:5062';

function setUp(extra: Partial<RegistrationOptions> = {}) {
  const clock = new ManualClock(0);
  const requests: { at: number; request: RegisterRequest; done: (outcome: RegisterOutcome) => void }[] = [];
  const reports: RegistrationReport[] = [];
  const registration = new Registration({
    clock,
    registrar: 'sip:example.com',
    addressOfRecord: 'sip:100@example.com',
    contact: CONTACT,
    expires: 600,
    callId: 'one-call-id',
    random: () => 0,
    send: (request, done) => requests.push({ at: clock.now() / 1_000, request, done }),
    onReport: (report) => reports.push(report),
    ...extra,
  });
  const answer = (outcome: RegisterOutcome): void =>
    (requests.at(-1) ?? assert.fail('no request')).done(outcome);
  return {
    clock,
    requests,
    reports,
    registration,
    /** Answers the latest request. */
    reply: (status: number, headers: Headers = {}, reason = 'Because'): void =>
      answer({ kind: 'response', status, reason, headers }),
    fault: (error: SipflowError): void => answer({ kind: 'fault', error }),
    times: (): number[] => requests.map(({ at }) => at),
    states: (): string[] => reports.map(({ state }) => state),
    contacts: (): string[] =>
      (requests.at(-1)?.request.headers ?? [])
        .filter(([name]) => name === 'Contact')
        .map(([, value]) => value),
  };
}

const granted = (...contacts: string[]): Headers => ({ Contact: contacts });
const TIMEOUT = new SipflowError('TIMEOUT', 'no answer');

describe('registration', () => {
  it('asks for the binding', () => {
    const { registration, requests } = setUp();
    registration.start();
    registration.start();
    assert.deepEqual(
      requests.map(({ request }) => request),
      [
        {
          requestUri: 'sip:example.com',
          addressOfRecord: 'sip:100@example.com',
          callId: 'one-call-id',
          expires: 600,
          headers: [
            ['Contact', `<${CONTACT}>;expires=600`],
            ['Expires', '600'],
            ['Supported', 'path'],
          ],
        },
      ],
    );
    registration.abort();
  });

  it('refreshes before the end, again and again, one request at a time', () => {
    const { registration, clock, times, reply, states, reports } = setUp();
    registration.start();
    for (let round = 0; round < 5; round++) {
      reply(200, granted(`<${CONTACT}>;expires=600`));
      assert.equal(reports.at(-1)?.expiresInMs, 600_000);
      assert.equal(reports.at(-1)?.nextInMs, 480_000);
      clock.advance(480_000);
    }
    assert.deepEqual(times(), [0, 480, 960, 1_440, 1_920, 2_400]);
    assert.deepEqual([...new Set(states())], ['registering', 'registered']);
    registration.abort();
  });

  it('takes the time that the registrar grants, in whatever form', () => {
    const cases: [Headers, seconds: number][] = [
      [granted(`<${CONTACT}>;expires=120`), 120],
      [granted(`${CONTACT};expires=120`), 120],
      [granted(`"Me" <${CONTACT};transport=udp>;q=0.5;Expires="120"`), 120],
      [{ ...granted(`<${CONTACT}>`), Expires: ['90'] }, 90],
      [{ Expires: ['90'] }, 90],
      [{}, 600],
      [granted('<sip:100@192.0.2.9>;expires=33', `<${CONTACT}>;expires=120`), 120],
      [granted(`<sip:100@192.0.2.9>;expires=33, <${CONTACT}>;expires=120,<sip:200@x>;expires=5`), 120],
      // A registrar that writes the address of our NAT into the Contact.
      [granted('<sip:100@203.0.113.4:40000;ob>;expires=120'), 120],
      [granted('<sip:other@203.0.113.4>;expires=44', '<sip:100@203.0.113.4:40000>;expires=120'), 120],
      [granted('<sip:one@198.51.100.1>;expires=44', '<sip:two@198.51.100.2>;expires=33'), 600],
      [granted('<sip:1%300@192.0.2.5:5062>;expires=120'), 120],
      [granted('total nonsense', '<<>>', ''), 600],
      [granted(`<${CONTACT}>;expires=99999999999`), 600],
      [granted(`<${CONTACT}>;expires=4294967295`), 604_800],
    ];
    for (const [headers, seconds] of cases) {
      const { registration, reply, reports } = setUp();
      registration.start();
      reply(200, headers);
      assert.equal(reports.at(-1)?.expiresInMs, seconds * 1_000, JSON.stringify(headers));
      registration.abort();
    }
  });

  it('refreshes at 80 to 90 %, leaves 40 s, and halves what is short', () => {
    const planned = (seconds: number, random: number): number | undefined => {
      const { registration, reply, reports } = setUp({ random: () => random });
      registration.start();
      reply(200, { Expires: [String(seconds)] });
      registration.abort();
      return reports.find(({ state }) => state === 'registered')?.nextInMs;
    };
    assert.equal(planned(3_600, 0), 2_880_000);
    assert.equal(planned(3_600, 1), 3_240_000);
    assert.equal(planned(120, 1), 80_000);
    assert.equal(planned(80, 0), 40_000);
    assert.equal(planned(30, 0), 15_000);
    assert.equal(planned(1, 0), 5_000);
  });

  it('takes Service-Route, Path and P-Associated-URI from each 2xx', () => {
    const { registration, reply, reports, clock } = setUp();
    registration.start();
    reply(200, {
      'Service-Route': ['<sip:a;lr>, <sip:b;lr;x=",">', '<sip:c;lr>'],
      Path: ['<sip:edge;lr>'],
      'P-Associated-URI': ['<sip:100@example.com>, <tel:+49100>'],
    });
    assert.deepEqual(reports.at(-1)?.routes, {
      serviceRoute: ['<sip:a;lr>', '<sip:b;lr;x=",">', '<sip:c;lr>'],
      path: ['<sip:edge;lr>'],
      associatedUris: ['<sip:100@example.com>', '<tel:+49100>'],
    });
    clock.advance(480_000);
    reply(200, { 'Service-Route': Array<string>(1_000).fill('<sip:x;lr>') });
    assert.equal(reports.at(-1)?.routes.serviceRoute.length, 16);
    registration.refreshNow();
    reply(200);
    assert.deepEqual(reports.at(-1)?.routes.serviceRoute, []);
    registration.abort();
  });
});

describe('registration: 423', () => {
  it('asks at once for the minimum, and keeps to it', () => {
    const { registration, reply, requests, clock } = setUp();
    registration.start();
    reply(423, { 'Min-Expires': ['3600'] });
    reply(200, granted(`<${CONTACT}>;expires=3600`));
    clock.advance(2_880_000);
    assert.deepEqual(
      requests.map(({ request }) => request.expires),
      [600, 3_600, 3_600],
    );
    registration.abort();
  });

  it('follows it three times, upwards, and within a week', () => {
    for (const [answers, sent] of [
      [['700', '800', '900', '1000'], 4],
      [['600'], 1],
      [['700', '650'], 2],
      [['nonsense'], 1],
      [['604801'], 1],
    ] as const) {
      const { registration, reply, requests, reports } = setUp();
      registration.start();
      for (const minimum of answers) reply(423, { 'Min-Expires': [minimum] });
      assert.equal(requests.length, sent);
      assert.equal(reports.at(-1)?.state, 'failed');
      assert.match(reports.at(-1)?.error?.message ?? '', /423 Because: raise "Registration expiry"/);
      registration.abort();
    }
  });
});

describe('registration: failures and recovery', () => {
  it('backs off from 4 s, doubled up to 5 min, and begins anew after a success', () => {
    const { registration, fault, reply, clock, times, reports } = setUp({ random: () => 1 });
    registration.start();
    for (let round = 0; round < 9; round++) {
      fault(TIMEOUT);
      assert.equal(reports.at(-1)?.state, 'failed');
      assert.equal(reports.at(-1)?.error, TIMEOUT);
      clock.advance(reports.at(-1)?.nextInMs ?? 0);
    }
    const waits = times()
      .slice(1)
      .map((at, index) => at - times()[index]);
    assert.deepEqual(waits, [4, 8, 16, 32, 64, 128, 256, 300, 300]);
    reply(200);
    assert.equal(reports.at(-1)?.error, undefined);
    registration.refreshNow();
    reply(503);
    assert.equal(reports.at(-1)?.nextInMs, 4_000);
    registration.abort();
  });

  it('spreads its tries over the upper half of the wait', () => {
    const { registration, fault, reports } = setUp({ random: () => 0 });
    registration.start();
    fault(TIMEOUT);
    assert.equal(reports.at(-1)?.nextInMs, 2_000);
    registration.abort();
  });

  it('waits as long as Retry-After says, an hour at most', () => {
    for (const [value, expected] of [
      ['30', 30_000],
      ['30 (maintenance);duration=5', 30_000],
      ['4000000000', 3_600_000],
      ['soon', 2_000],
    ] as const) {
      const { registration, reply, reports } = setUp();
      registration.start();
      reply(503, { 'Retry-After': [value] });
      assert.equal(reports.at(-1)?.nextInMs, expected, value);
      registration.abort();
    }
  });

  it('tries a refused account again after minutes only, and says what to do', () => {
    const cases: [status: number, code: string, message: RegExp][] = [
      [403, 'AUTH', /sip:example.com answered 403 Because: check the account/],
      [404, 'BAD_CONFIG', /check the number and the domain/],
      [405, 'BAD_CONFIG', /is no registrar/],
    ];
    for (const [status, code, message] of cases) {
      const { registration, reply, reports } = setUp();
      registration.start();
      reply(status);
      const { error, nextInMs, state } = reports.at(-1) ?? assert.fail();
      assert.equal(state, 'failed');
      assert.equal(error?.code, code);
      assert.match(error.message, message);
      assert.equal(nextInMs, 150_000);
      registration.abort();
    }
    const { registration, fault, reports } = setUp();
    registration.start();
    fault(new SipflowError('AUTH', 'wrong password'));
    assert.equal(reports.at(-1)?.nextInMs, 150_000);
    registration.abort();
  });

  it('a 200 that grants nothing is a failure', () => {
    const { registration, reply, reports } = setUp();
    registration.start();
    reply(200, granted(`<${CONTACT}>;expires=0`));
    assert.equal(reports.at(-1)?.state, 'failed');
    assert.match(reports.at(-1)?.error?.message ?? '', /did not keep our contact/);
    registration.abort();
  });

  it('stays registered while a refresh fails and the binding lasts, then says that it does not', () => {
    const { registration, reply, fault, clock, reports } = setUp();
    registration.start();
    reply(200);
    clock.advance(480_000);
    while (clock.now() < 600_000) {
      fault(TIMEOUT);
      assert.equal(reports.at(-1)?.state, 'registered');
      assert.equal(reports.at(-1)?.error, TIMEOUT);
      clock.advance(Math.min(reports.at(-1)?.nextInMs ?? 0, 600_000 - clock.now()));
    }
    assert.notEqual(registration.state, 'registered');
    clock.advance(300_000);
    assert.equal(registration.state, 'registering');
    reply(200);
    assert.equal(registration.state, 'registered');
    registration.abort();
  });

  it('a sender that throws does not get through, and is tried again', () => {
    let tries = 0;
    const { registration, clock, reports } = setUp({
      send: () => {
        tries += 1;
        throw new Error('socket closed');
      },
    });
    registration.start();
    assert.equal(reports.at(-1)?.state, 'failed');
    clock.advance(2_000);
    assert.equal(tries, 2);
    registration.abort();
  });

  it('a late second answer changes nothing', () => {
    const { registration, requests, reports, reply } = setUp();
    registration.start();
    reply(200);
    const count = reports.length;
    requests[0].done({ kind: 'fault', error: TIMEOUT });
    assert.equal(reports.length, count);
    assert.equal(registration.state, 'registered');
    registration.abort();
  });
});

describe('registration: changes on the way', () => {
  it('registers at once when told to, and after the request that is under way', () => {
    const { registration, reply, requests } = setUp();
    registration.refreshNow();
    assert.equal(requests.length, 0);
    registration.start();
    registration.refreshNow();
    assert.equal(requests.length, 1);
    reply(200);
    assert.equal(requests.length, 2);
    reply(200);
    assert.equal(requests.length, 2);
    registration.refreshNow();
    assert.equal(requests.length, 3);
    registration.abort();
  });

  it('a new Contact takes the old one away', () => {
    const { registration, reply, contacts } = setUp();
    registration.start();
    reply(200);
    registration.changeContact('sip:100@203.0.113.4:40000');
    assert.deepEqual(contacts(), ['<sip:100@203.0.113.4:40000>;expires=600', `<${CONTACT}>;expires=0`]);
    reply(200);
    registration.refreshNow();
    assert.deepEqual(contacts(), ['<sip:100@203.0.113.4:40000>;expires=600']);
    registration.abort();
  });

  it('also when it changes while a request is under way, and back again', () => {
    const { registration, reply, contacts, requests } = setUp();
    registration.start();
    registration.changeContact('sip:100@203.0.113.4');
    registration.changeContact('sip:100@203.0.113.4');
    reply(200);
    assert.deepEqual(contacts(), ['<sip:100@203.0.113.4>;expires=600', `<${CONTACT}>;expires=0`]);
    registration.changeContact(CONTACT);
    reply(200);
    assert.deepEqual(contacts(), [`<${CONTACT}>;expires=600`, '<sip:100@203.0.113.4>;expires=0']);
    assert.equal(requests.length, 3);
    registration.abort();
  });

  it('old Contacts do not pile up', () => {
    const { registration, fault, contacts } = setUp();
    registration.start();
    for (let index = 0; index < 50; index++) {
      fault(TIMEOUT);
      registration.changeContact(`sip:100@203.0.113.${index}`);
    }
    assert.equal(contacts().length, 5);
    registration.abort();
  });
});

describe('registration: the end', () => {
  it('takes the binding away and waits for the answer, whatever it is', async () => {
    for (const status of [200, 403, 503]) {
      const { registration, reply, requests, contacts, clock, states } = setUp();
      registration.start();
      reply(200);
      const closed = Promise.all([registration.close(), registration.close()]);
      assert.equal(requests.length, 2);
      assert.equal(requests[1].request.expires, 0);
      assert.deepEqual(contacts(), [`<${CONTACT}>;expires=0`]);
      reply(status);
      await closed;
      await registration.close();
      assert.deepEqual(states(), ['registering', 'registered', 'unregistering', 'closed']);
      assert.equal(clock.pending, 0);
    }
  });

  it('lets a request that is under way end first', async () => {
    const { registration, reply, requests } = setUp();
    registration.start();
    const closed = registration.close();
    assert.equal(requests.length, 1);
    reply(200);
    assert.equal(requests.length, 2);
    assert.equal(requests[1].request.expires, 0);
    reply(200);
    await closed;
    assert.equal(registration.state, 'closed');
  });

  it('says nothing when there is nothing to take away', async () => {
    const never = setUp();
    await never.registration.close();
    assert.equal(never.requests.length, 0);

    const failed = setUp();
    failed.registration.start();
    failed.reply(403);
    await failed.registration.close();
    assert.equal(failed.requests.length, 1);
    assert.equal(failed.clock.pending, 0);

    const refused = setUp();
    refused.registration.start();
    const closed = refused.registration.close();
    refused.reply(403);
    await closed;
    assert.equal(refused.requests.length, 1);
  });

  it('abort ends at once, and nothing follows', async () => {
    const { registration, reply, requests, clock, reports } = setUp();
    registration.start();
    reply(200);
    const closed = registration.close();
    registration.abort();
    registration.abort();
    await closed;
    const count = reports.length;
    reply(200);
    registration.refreshNow();
    registration.changeContact('sip:x@y');
    registration.start();
    clock.advance(10_000_000);
    assert.equal(requests.length, 2);
    assert.equal(reports.length, count);
    assert.equal(clock.pending, 0);
  });
});
