import type { Phone, RegistrationReport } from '../../lib/calls';
import type { StatusKind } from '../shared/status';
import { registrationText } from '../shared/status-text';

/** How each state of a registration shows on the phone's status. */
const SHOWN: Readonly<Record<RegistrationReport['state'], StatusKind | undefined>> = {
  unregistered: undefined,
  registering: 'registering',
  registered: 'registered',
  failed: 'unregistered',
  unregistering: 'registering',
  closed: undefined,
};

/**
 * Follows a phone's registration. `onError` hears why it fails: once for each kind of failure, not once
 * for each of the many tries that follow it.
 */
export function watchRegistration(
  engine: Phone,
  onError: (error: Error) => void,
): { status: () => { kind: StatusKind; text?: string } | undefined } {
  let latest: RegistrationReport | undefined;
  let told = '';
  engine.on('registration', (report) => {
    latest = report;
    if (report.state === 'registered') told = '';
    if (report.state !== 'failed' || !report.error) return;
    const kind = `${report.error.code} ${report.status ?? ''}`;
    if (kind === told) return;
    told = kind;
    onError(report.error);
  });
  return {
    status: () => {
      const kind = latest && SHOWN[latest.state];
      if (!latest || !kind) return undefined;
      const { state, error, status } = latest;
      return state === 'failed' && error ? { kind, text: registrationText(error, status) } : { kind };
    },
  };
}
