import type { NodeAPI } from 'node-red';
import type { AudioInfo } from '../../lib/calls';
import { SipflowError, toSipflowError } from '../../lib/common/errors';
import type { InstanceNode } from './instance-node';

/** Where the editor asks what a sound is: `GET sipflow/audio-info?source=…`. */
export const AUDIO_INFO_PATH = '/sipflow/audio-info';

/** How many sound folders are searched for a relative path; each running instance may have its own. */
const MOST_FOLDERS = 20;
const LONGEST_SOURCE = 1024;

/**
 * Lets the editor's forms say what a sound is. It answers with an AudioInfo, or with status 404 and
 * `{code, message}`. Only who may change flows may ask, since the answer tells which files exist; what lies
 * behind a URL is never fetched for a form.
 */
export function serveAudioInfo(RED: NodeAPI): void {
  RED.httpAdmin.get(AUDIO_INFO_PATH, RED.auth.needsPermission('flows.write'), (request, response) => {
    audioInfo(RED, request.query.source).then(
      (info) => response.json(info),
      (error: unknown) => response.status(404).json(toSipflowError(error).toFailure()),
    );
  });
}

/** Asks the running instances in turn. Throws BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS, INSTANCE_NOT_READY. */
async function audioInfo(RED: NodeAPI, source: unknown): Promise<AudioInfo> {
  if (typeof source !== 'string' || source.length > LONGEST_SOURCE || /^https?:/i.test(source.trim())) {
    throw new SipflowError('BAD_AUDIO', 'Only a sound of this package or a file can be looked at.');
  }
  const folders = new Map<string, InstanceNode['engine']>();
  RED.nodes.eachNode(({ id, type }) => {
    if (type !== 'sip-instance' || folders.size >= MOST_FOLDERS) return;
    const engine = (RED.nodes.getNode(id) as InstanceNode | null)?.engine;
    if (engine?.state === 'ready') folders.set(engine.options.audioDir, engine);
  });
  let failure: unknown = new SipflowError(
    'INSTANCE_NOT_READY',
    'No SIP phone runs yet; deploy one to look at sounds.',
  );
  for (const engine of folders.values()) {
    try {
      if (engine) return await engine.probe(source);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
