import type { NodeAPI } from 'node-red';
import type { Call, CallInfo, Tombstone } from '../../lib/calls';
import { ladderJson, ladderMermaid, ladderSvg, ladderText, pcapOf } from '../../lib/evidence';
import { ladderOfSides, type LadderSide } from '../shared/call-ladder';
import type { ChoiceOf } from '../shared/field-table';
import type { callInfoFields } from './fields';

export type ExportKind = ChoiceOf<typeof callInfoFields.fields.export>;

/** A live call or the tombstone of an ended one. */
export type Exportable = LadderSide['call'] & Pick<Call | Tombstone, 'capture'>;

/** A call for other programs: its ladder as text, Mermaid, SVG or JSON, or its packets. */
export async function exportCall(
  RED: NodeAPI,
  kind: Exclude<ExportKind, 'none'>,
  call: Exportable,
  info: CallInfo,
): Promise<string | Buffer> {
  if (kind === 'pcap') return Buffer.from(pcapOf([await call.capture()]).buffer);
  const phone: unknown = RED.nodes.getNode(call.ref.instance)?.name;
  const ladder = ladderOfSides([{ call, info, phone: typeof phone === 'string' ? phone : '' }]);
  const { from, to } = call.ref;
  return {
    text: () => ladderText(ladder),
    mermaid: () => ladderMermaid(ladder),
    svg: () => ladderSvg(ladder, { title: `${from} → ${to}` }),
    json: () => ladderJson(ladder),
  }[kind]();
}
