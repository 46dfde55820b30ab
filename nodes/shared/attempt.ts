import type { Failure, SipReport } from '../../lib/calls';
import { worldlyFailure } from './outputs';
import type { Activity, NodeStatus, StatusKind } from './status';

/**
 * Runs `work` of a node that has a `failed` output, and shows `kind` meanwhile. Resolves with undefined when it
 * succeeded, and with the failure when the other side refused (which `work` returns) or the world's limits stopped
 * it (which it throws); then the status says why: the response that `said` returns, if any. Every other fault is thrown
 * on towards Catch nodes.
 */
export async function attempt(
  status: NodeStatus,
  signal: AbortSignal,
  kind: StatusKind,
  work: (activity: Activity) => Promise<Failure | undefined>,
  said: () => SipReport | undefined = () => undefined,
): Promise<Failure | undefined> {
  const activity = status.begin(kind);
  try {
    const failure = await work(activity);
    if (failure) activity.fail(failure, said());
    else activity.end();
    return failure;
  } catch (error) {
    activity.end();
    if (signal.aborted) throw error;
    const failure = worldlyFailure(error);
    status.failed(error);
    return failure;
  }
}
