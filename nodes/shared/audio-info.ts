import type { NodeAPI } from 'node-red';
import type { AudioInfo, Failure, Phone, PhoneOptions } from '../../lib/calls';
import { canonicalCodecName, CODECS } from '../../lib/audio';
import { SipflowError, toSipflowError } from '../../lib/common';
import type { PhoneNode } from './phone-node';

/** Path for information about a sound: `GET sipflow/audio-info?source=…&phones=id,id`. */
export const AUDIO_INFO_PATH = '/sipflow/audio-info';

/** How many sound folders are searched for a relative path; each running phone may have its own. */
const MOST_FOLDERS = 20;
const LONGEST_SOURCE = 1024;
/** What is fetched or said is not looked at for a form. */
const MAY_BE_A_FILE = /^(?!https?:|say\s*[(:])/i;

/** Information about a sound for the phones that find the same one, or miss it for the same reason. */
export interface SoundReport {
  /** Names of the phones. */
  phones: string[];
  /** Codecs of their calls, with the sample rate in Hz that a sound is converted to. */
  codecs: { name: string; sampleRate: number }[];
  info?: AudioInfo;
  failure?: Failure;
}

/**
 * Serves information about a sound to the editor's forms: a list of SoundReport, or status 404 and
 * `{code, message}`. It needs the permission to change flows, since the answer tells which files exist; URLs
 * are never fetched for a form.
 */
export function serveAudioInfo(RED: NodeAPI): void {
  RED.httpAdmin.get(AUDIO_INFO_PATH, RED.auth.needsPermission('flows.write'), (request, response) => {
    const { source, phones } = request.query;
    const ids = typeof phones === 'string' && phones !== '' ? phones.split(',') : [];
    soundReports(RED.nodes, source, ids).then(
      (reports) => response.json(reports),
      (error: unknown) => response.status(404).json(toSipflowError(error).toFailure()),
    );
  });
}

/**
 * Reports of a sound for the running phones with these ids, or for all that run when none is named: a node that plays
 * knows its phone only by the call that it gets, so every possible phone is asked.
 * Throws BAD_AUDIO for a source that is no file or sound, and INSTANCE_NOT_READY.
 */
export async function soundReports(
  nodes: Pick<NodeAPI['nodes'], 'eachNode' | 'getNode'>,
  source: unknown,
  ids: readonly string[],
): Promise<SoundReport[]> {
  if (typeof source !== 'string' || source.length > LONGEST_SOURCE || !MAY_BE_A_FILE.test(source.trim())) {
    throw new SipflowError('BAD_AUDIO', 'Only a sound of this package or a file can be looked at.');
  }
  const folders = new Map<string, Phone[]>();
  nodes.eachNode(({ id, type }) => {
    if (type !== 'sip-instance' || (ids.length > 0 && !ids.includes(id))) return;
    const engine = (nodes.getNode(id) as PhoneNode | null)?.engine;
    if (engine?.state !== 'ready') return;
    const { audioDir } = engine.options;
    if (folders.has(audioDir) || folders.size < MOST_FOLDERS)
      folders.set(audioDir, [...(folders.get(audioDir) ?? []), engine]);
  });
  if (folders.size === 0) {
    throw new SipflowError(
      'INSTANCE_NOT_READY',
      'No SIP phone of this flow runs yet; deploy it to look at sounds.',
    );
  }
  const found = await Promise.all([...folders.values()].map((engines) => look(engines, source)));
  return merged(found);
}

/** @param engines of one folder, at least one */
async function look(engines: Phone[], source: string): Promise<SoundReport> {
  const phones = engines.map(({ options }) => options.name);
  const codecs = engines.flatMap(({ options }) => codecsOf(options));
  try {
    return { phones, codecs, info: await engines[0]?.probe(source) };
  } catch (error) {
    return { phones, codecs, failure: toSipflowError(error).toFailure() };
  }
}

/** One report for all phones that find the same, each codec once. */
function merged(reports: SoundReport[]): SoundReport[] {
  const different = new Map<string, SoundReport>();
  for (const { phones, codecs, info, failure } of reports) {
    const key = JSON.stringify(info ?? failure?.code);
    const report = different.get(key) ?? { phones: [], codecs: [], info, failure };
    report.phones.push(...phones);
    const fresh = codecs.filter(({ name }, n) => codecs.findIndex((other) => other.name === name) === n);
    report.codecs.push(...fresh.filter(({ name }) => !report.codecs.some((known) => known.name === name)));
    different.set(key, report);
  }
  return [...different.values()];
}

function codecsOf({ codecs, mode, pcmuFallback }: PhoneOptions): SoundReport['codecs'] {
  const offered = mode === 'network' && pcmuFallback ? [...codecs, 'PCMU'] : codecs;
  return offered.flatMap((spelling) => {
    const name = canonicalCodecName(spelling);
    return name ? [{ name, sampleRate: CODECS[name].sampleRate }] : [];
  });
}
