import type { NamedReference } from '../../audio';
import type { ListenRequest, ListenResult, MediaSession } from '../../media';
import type { ListenOptions } from '../types';

const DEFAULT_TIMEOUT_S = 30;
const DEFAULT_SILENCE_S = 1;

/** The request of the options. */
export function listenRequest(options: ListenOptions): ListenRequest {
  const { for: what = 'prompt', reference, threshold, timeout, silence, since = 'now', capture } = options;
  return {
    for: what,
    since,
    wanted: what === 'prompt' || typeof reference !== 'string' ? '' : reference.trim(),
    ...(threshold === undefined ? {} : { threshold }),
    timeoutMs: (timeout ?? DEFAULT_TIMEOUT_S) * 1000,
    silenceMs: (silence ?? DEFAULT_SILENCE_S) * 1000,
    capture: capture ?? false,
  };
}

/**
 * Listens on a session while the references are still being prepared, so that nothing is missed meanwhile. Rejects with
 * the fault of the references.
 *
 * @param references undefined when none are needed; its rejection must be handled.
 */
export async function listenOn(
  session: MediaSession,
  request: ListenRequest,
  references: Promise<NamedReference[]> | undefined,
  signal: AbortSignal | undefined,
): Promise<ListenResult> {
  const listening = session.listen(request);
  const stop = (): void => listening.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  let fault: Error | undefined;
  references?.then(
    (prepared) => listening.references(prepared),
    (error: Error) => {
      fault = error;
      stop();
    },
  );
  try {
    const result = await listening.finished;
    if (fault) throw fault;
    return result;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
