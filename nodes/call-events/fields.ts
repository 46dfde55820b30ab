import { INSTANCE } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const callEventsFields = nodeTable({
  type: 'sip-call-events',
  outputs: ['event'],
  fields: {
    ...INSTANCE,
    events: {
      kind: 'choices',
      value: [],
      // Those of a call in their order, then that of the phone itself.
      choices: [
        ...(['incoming', 'outgoing', 'ringing', 'progress', 'redirected', 'retry', 'early-media'] as const),
        ...(['media-ready', 'answered', 'dtmf', 'held', 'resumed', 'offer-refused'] as const),
        ...(['rtp-timeout', 'statistics', 'transfer-request', 'transfer-progress'] as const),
        ...(['replaced', 'options', 'message', 'notify', 'ended', 'registration'] as const),
      ],
      icon: 'flag-o',
      hint: true,
    },
    answerRequests: { kind: 'flag', value: false, hint: true },
  },
});
