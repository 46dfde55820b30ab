import type { Clock, TurnoverMap, TurnoverSet } from '../../common';
import type { Dialog } from '../dialog/dialog';
import type { IncomingInviteCall } from '../invite/incoming-invite';
import type { OutgoingInviteCall } from '../invite/outgoing-invite';
import type { RegistrationSwitch } from '../registration/registration-switch';
import type { Subscriptions } from '../subscription/subscriptions';

/** Calls, dialogs, registration and subscriptions that an endpoint has to end before it closes. */
export interface Standing {
  readonly outgoing: TurnoverSet<OutgoingInviteCall>;
  readonly incoming: TurnoverSet<IncomingInviteCall>;
  readonly dialogs: TurnoverMap<string, Dialog>;
  readonly registrar: RegistrationSwitch | undefined;
  readonly subscriptions: Subscriptions;
}

/**
 * Sends every BYE, CANCEL, 480, un-REGISTER and un-SUBSCRIBE now, and waits until they are answered, at most for the
 * limit.
 *
 * @param onCheck takes the function to call whenever something has ended
 */
export function endEverything(
  { outgoing, incoming, dialogs, registrar, subscriptions }: Standing,
  clock: Clock,
  limitMs: number,
  onCheck: (checkIdle: () => void) => void,
): Promise<void> {
  const everyDialog = (): Dialog[] => [...dialogs.values()];
  return new Promise((resolve) => {
    const timers = [
      clock.setTimeout(finish, limitMs),
      // A BYE may have to wait for the ACK to our 2xx, but not until it is too late for the BYE.
      clock.setTimeout(() => everyDialog().forEach((dialog) => dialog.hurry()), limitMs / 2),
    ];
    function finish(): void {
      for (const timer of timers) clock.clearTimeout(timer);
      for (const call of [...outgoing]) call.abandon();
      for (const dialog of everyDialog()) dialog.close();
      registrar?.abort();
      subscriptions.abort();
      resolve();
    }
    const checkIdle = (): void => {
      const registered = registrar?.idle === false;
      if (outgoing.size + incoming.size + dialogs.size + subscriptions.size === 0 && !registered) finish();
    };
    for (const call of [...outgoing]) call.cancel();
    for (const call of [...incoming]) call.shutDown();
    for (const dialog of everyDialog()) void dialog.bye();
    void registrar?.close();
    subscriptions.stopAll();
    onCheck(checkIdle);
    checkIdle();
  });
}
