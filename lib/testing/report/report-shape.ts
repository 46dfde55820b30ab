import { aFlag, aNumber, anObject, aRecord, aText, aTime, listOf, maybe, oneText, orNull } from './shape';

const node = anObject({ id: aText, name: aText, type: aText });

const reason = anObject({ code: aText, message: aText, atMs: aNumber, node: maybe(node) });

const step = anObject({
  node,
  atMs: aNumber,
  durationMs: aNumber,
  call: maybe(aText),
  output: maybe(aNumber),
  outcome: aText,
  detail: maybe(aText),
});

const check = anObject({
  node,
  atMs: aNumber,
  what: aText,
  operator: aText,
  ok: aFlag,
  severity: oneText('error', 'warning'),
  call: maybe(aText),
});

const message = anObject({
  atMs: aNumber,
  direction: oneText('in', 'out'),
  transport: aText,
  local: aText,
  remote: aText,
  text: aText,
});

const rtp = anObject({
  sent: anObject({ packets: aNumber }),
  received: anObject({ packets: aNumber, lost: aNumber, jitterMs: aNumber }),
});

const info = anObject({
  codec: orNull(aText),
  srtp: aFlag,
  answeredAt: orNull(aText),
  endedAt: orNull(aText),
  durationMs: aNumber,
  mos: orNull(aNumber),
  rtp: orNull(rtp),
});

const call = anObject({
  ref: anObject({ id: aText, callId: aText, direction: oneText('in', 'out'), from: aText, to: aText }),
  info,
  messages: listOf(message),
  recordings: listOf(aText),
  pcap: maybe(aText),
  phone: maybe(aText),
  series: maybe(listOf(anObject({ atMs: aNumber }))),
});

/** An attempt as a report has it. */
export const attemptShape = anObject({
  test: anObject({ id: aText, attempt: aNumber }),
  status: oneText('passed', 'failed', 'skipped'),
  reason: maybe(reason),
  startedAt: maybe(aTime),
  durationMs: aNumber,
  steps: listOf(step),
  checks: listOf(check),
  calls: listOf(call),
  leaks: listOf(anObject({ kind: aText, what: aText })),
  artefacts: listOf(
    anObject({ kind: aText, file: aText, title: aText, call: maybe(aText), atMs: maybe(aNumber) }),
  ),
  leftOut: maybe(aRecord(aNumber)),
});

const verdictHead = {
  format: oneText('sipflow-verdict/1'),
  id: aText,
  case: aText,
  title: aText,
  tags: listOf(aText),
  file: maybe(aText),
  row: maybe(aNumber),
  rowValues: maybe(anObject()),
  seed: maybe(aNumber),
  startedAt: aTime,
};

const verdictEnd = {
  status: oneText('passed', 'failed', 'flaky', 'skipped'),
  reason: maybe(reason),
  durationMs: aNumber,
};

const reportHead = {
  startedAt: aTime,
  versions: aRecord(aText),
  shard: maybe(anObject({ index: aNumber, of: aNumber })),
};

/** A whole report. */
export const reportShape = anObject({
  ...reportHead,
  durationMs: aNumber,
  verdicts: listOf(anObject({ ...verdictHead, ...verdictEnd, attempts: listOf(attemptShape) })),
});

/** The first line of a results file. */
export const resultsHeadShape = anObject(reportHead);

/** The lines after it, by their kind. */
export const resultsLineShapes = {
  attempt: anObject({ verdict: anObject(verdictHead), attempt: attemptShape }),
  verdict: anObject({ verdict: anObject({ ...verdictHead, ...verdictEnd }) }),
  end: anObject({ durationMs: aNumber }),
};
