import type { Failure } from '../../lib/calls';
import { worldlyFailure } from './outputs';
import type { Activity, NodeStatus, StatusKind } from './status';

/**
 * Runs `work` of a node that has a `failed` output, and shows `kind` meanwhile. Resolves with undefined when it
 * succeeded, and with the failure when the other side refused (which `work` returns) or the world's limits stopped
 * it (which it throws); then the status says so. Every other fault is thrown on towards Catch nodes.
 */
export async function attempt(
  status: NodeStatus,
  signal: AbortSignal,
  kind: StatusKind,
  work: (activity: Activity) => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const activity = status.begin(kind);
  try {
    const failure = await work(activity);
    if (failure) activity.fail();
    else activity.end();
    return failure;
  } catch (error) {
    activity.end();
    if (signal.aborted) throw error;
    const failure = worldlyFailure(error);
    status.failed();
    return failure;
  }
}
