import assert from 'node:assert/strict';
import type { CallContext } from '../../../lib/calls/call-context';
import { createNullMediaEngine } from '../../../lib/media';
import { PlacedCall } from '../../../lib/calls/outgoing-call';
import { Retries } from '../../../lib/calls/peer/retries';
import { negotiationOptions } from '../../../lib/calls/phone/options';
import { completePhone } from '../../../lib/calls/phone/settings';
import type { OutgoingInvite, OutgoingInviteEvents, SipEndpoint } from '../../../lib/sip';
import { ManualClock } from '../../support/manual-clock';

const TARGET = 'sip:4711@127.0.0.1:5099';
const SEEN_AS = { address: '127.0.0.1', outside: false };

/** An INVITE that fails while the call begins to listen to it, as one does that cannot be sent. */
function failingAtOnce(status: number): OutgoingInvite {
  const invite: Partial<OutgoingInvite> = {
    callId: 'call',
    from: 'sip:1001@127.0.0.1',
    to: TARGET,
    localTag: 'tag',
    trusted: false,
    cancel: () => undefined,
    onEach: (listeners: { failed?: (...args: OutgoingInviteEvents['failed']) => void }) => {
      listeners.failed?.({ status, reason: 'Service Unavailable', headers: {} }, 'transport');
      return () => undefined;
    },
  };
  return invite as OutgoingInvite;
}

describe('limit of ringing', () => {
  let clock: ManualClock;
  let call: PlacedCall;
  let invites: number;

  function place(retries?: Retries): Promise<void> {
    clock = new ManualClock();
    invites = 0;
    const phone = completePhone({ number: '1001', mode: 'network', bindAddress: '127.0.0.1' });
    const invite = (): OutgoingInvite => {
      invites += 1;
      return failingAtOnce(503);
    };
    const context: Partial<CallContext> = {
      clock,
      phone,
      engine: createNullMediaEngine(),
      negotiation: negotiationOptions(
        phone,
        undefined,
        () => false,
        () => false,
      ),
      addressToward: () => Promise.resolve(SEEN_AS),
      invite,
      registrationAdvice: () => undefined,
      hearsEvents: () => false,
      onEnded: () => undefined,
    };
    call = new PlacedCall(
      context as CallContext,
      { direction: 'out', callId: 'call', from: 'sip:1001@127.0.0.1', to: TARGET },
      { target: TARGET, dialled: TARGET, codecs: ['PCMU'], ringTimeout: 30, ...(retries && { retries }) },
    );
    return call.start({ addressToward: () => SEEN_AS, invite } as unknown as SipEndpoint);
  }

  it('is taken back when the INVITE fails at once', async () => {
    await place();
    assert.equal((await call.outcome).kind, 'failed');
    await call.hangup(); // resolves when the call has given everything back
    assert.equal(clock.pending, 0, 'no timer is left');
  });

  it('is taken back when the INVITE of a second attempt fails at once', async () => {
    await place(Retries.of({ retries: 1, retryPause: 5, retryOn: '503' }));
    assert.equal(clock.pending, 1, 'only the pause before the second attempt is left');
    clock.advance(5000);
    assert.equal((await call.outcome).kind, 'failed');
    assert.equal(invites, 2);
    await call.hangup();
    assert.equal(clock.pending, 0, 'no timer is left');
  });
});
