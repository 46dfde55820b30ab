import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../../lib/common';
import { ladderJson, ladderMermaid, ladderSvg, ladderText, pcapOf } from '../../../lib/evidence';
import { ladderOfCalls } from './call-detail';
import { callsOf, type KnownCall } from './known-call';
import { Document, languageOf, type Routes } from './routes';

/** A call for other programs: its ladder as text, Mermaid, SVG and JSON, and its messages and packets as pcap. */
export function serveExports(RED: NodeAPI, routes: Routes): void {
  routes.read('calls/:id/export/:kind', async (asked) => {
    const calls = callsOf(asked.params.id);
    const language = languageOf(asked);
    if (asked.params.kind === 'pcap') return pcapFile(calls);
    const ladder = await ladderOfCalls(RED, calls, language);
    switch (asked.params.kind) {
      case 'text':
        return new Document('text/plain; charset=utf-8', ladderText(ladder, { language }));
      case 'mermaid':
        return new Document('text/plain; charset=utf-8', ladderMermaid(ladder, { language }));
      case 'svg': {
        const { from, to } = calls[0].call.ref;
        return new Document('image/svg+xml', ladderSvg(ladder, { language, title: `${from} → ${to}` }));
      }
      case 'json':
        return new Document('application/json', ladderJson(ladder));
      default:
        throw new SipflowError('BAD_CONFIG', 'A call can be had as text, mermaid, svg, json or pcap.', {
          field: 'kind',
        });
    }
  });
}

/** What both sides have captured is in it once. */
async function pcapFile(calls: readonly KnownCall[]): Promise<Document> {
  const captures = await Promise.all(calls.map(({ call }) => call.capture()));
  return new Document('application/vnd.tcpdump.pcap', pcapOf(captures));
}
