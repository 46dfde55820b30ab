import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../../lib/common';
import { ladderJson, ladderMermaid, ladderSvg, ladderText } from '../../../lib/evidence';
import { ladderOfCalls } from './call-detail';
import { callsOf } from './known-call';
import { Document, languageOf, type Routes } from './routes';

/** The ladder of a call for other programs: text, Mermaid, SVG, JSON. */
export function serveExports(RED: NodeAPI, routes: Routes): void {
  routes.read('calls/:id/export/:kind', async (asked) => {
    const calls = callsOf(asked.params.id);
    const language = languageOf(asked);
    const ladder = await ladderOfCalls(RED, calls, language);
    switch (asked.params.kind) {
      case 'text':
        return new Document('text/plain; charset=utf-8', ladderText(ladder, { language }));
      case 'mermaid':
        return new Document('text/plain; charset=utf-8', ladderMermaid(ladder, { language }));
      case 'svg': {
        const { from, to } = calls[0].ref;
        return new Document('image/svg+xml', ladderSvg(ladder, { language, title: `${from} → ${to}` }));
      }
      case 'json':
        return new Document('application/json', ladderJson(ladder));
      default:
        throw new SipflowError('BAD_CONFIG', 'A call can be had as text, mermaid, svg or json.', {
          field: 'kind',
        });
    }
  });
}
