import { answerFields } from './answer/fields';
import { bridgeFields } from './bridge/fields';
import { callEventsFields } from './call-events/fields';
import { callInfoFields } from './call-info/fields';
import { dialFields } from './dial/fields';
import { receiveDtmfFields, sendDtmfFields } from './dtmf/fields';
import { conferenceFields } from './conference/fields';
import { earlyMediaFields } from './early-media/fields';
import { expectFields } from './expect/fields';
import { hangupFields } from './hangup/fields';
import { holdFields } from './hold/fields';
import { incomingCallFields } from './incoming-call/fields';
import { listenFields } from './listen/fields';
import { makeCallFields } from './make-call/fields';
import { menuFields } from './menu/fields';
import { playAudioFields } from './play-audio/fields';
import { recordFields } from './record/fields';
import { rejectFields } from './reject/fields';
import { loadFields } from './load/fields';
import type { NodeTable } from './shared/field-table';
import { instanceFields } from './sip-instance/fields';
import { requestFields } from './request/fields';
import { testCaseFields } from './test-case/fields';
import { testEndFields } from './test-end/fields';
import { transferFields } from './transfer/fields';
import { waitFields } from './wait/fields';

const ALL: readonly NodeTable[] = [
  ...[instanceFields, makeCallFields, incomingCallFields, answerFields, rejectFields, earlyMediaFields],
  ...[playAudioFields, recordFields, sendDtmfFields, receiveDtmfFields, menuFields],
  ...[holdFields, transferFields, listenFields, bridgeFields, dialFields, conferenceFields],
  ...[waitFields, hangupFields, callInfoFields],
  ...[callEventsFields, requestFields],
  ...[testCaseFields, expectFields, testEndFields, loadFields],
];

/** The fields of every node type; forms and docs/nodes.md are made from them. */
export const TABLES: ReadonlyMap<string, NodeTable> = new Map(ALL.map((table) => [table.type, table]));
