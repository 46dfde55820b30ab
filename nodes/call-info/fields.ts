import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const callInfoFields = nodeTable({
  type: 'sip-call-info',
  outputs: ['info'],
  fields: {
    ...CALL,
    trace: { kind: 'flag', value: false },
    export: {
      kind: 'choice',
      value: 'none',
      choices: {
        none: 'exportNone',
        text: 'exportText',
        mermaid: 'exportMermaid',
        svg: 'exportSvg',
        pcap: 'exportPcap',
        json: 'exportJson',
      },
      icon: 'download',
      hint: true,
      since: '0.3.0',
    },
  },
});
