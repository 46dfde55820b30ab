import type { NodeAPI } from 'node-red';
import { createTelemetry } from '../../lib/telemetry';
import { localised } from './localise';
import { world } from './world';

/** Path of the metrics below the root of the admin API. */
export const METRICS_PATH = '/sipflow/metrics';

/** What the phones of this Node-RED tell of themselves. */
export const telemetry = createTelemetry(world);

/** Runtimes whose admin API has the metrics: a test starts several in a process. */
const serving = new WeakSet<object>();
let portAsked = false;

/** Serves the metrics to who may read them in the editor, and on a port of their own when the environment names one. */
export function serveMetrics(RED: NodeAPI): void {
  serveRoute(RED);
  if (portAsked) return;
  portAsked = true;
  void servePort(RED, process.env);
}

function serveRoute(RED: NodeAPI): void {
  if (serving.has(RED.httpAdmin)) return;
  serving.add(RED.httpAdmin);
  RED.httpAdmin.get(METRICS_PATH, RED.auth.needsPermission('sipflow.read'), (request, response) => {
    const { contentType, body } = telemetry.metrics(request.get('accept'));
    response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store', Vary: 'Accept' });
    response.set('X-Content-Type-Options', 'nosniff');
    response.end(body);
  });
}

/** A port that cannot be opened is logged; calls go on. */
async function servePort(
  RED: NodeAPI,
  { SIPFLOW_METRICS_PORT, SIPFLOW_METRICS_HOST }: NodeJS.ProcessEnv,
): Promise<void> {
  const wanted = SIPFLOW_METRICS_PORT?.trim();
  if (!wanted) return;
  const host = SIPFLOW_METRICS_HOST?.trim();
  try {
    const served = await telemetry.serve({ port: Number(wanted), ...(host ? { host } : {}) });
    const address = served.address.includes(':') ? `[${served.address}]` : served.address;
    RED.log.info(`SIPFLOW metrics: http://${address}:${served.port}/metrics`);
  } catch (error) {
    RED.log.error(`SIPFLOW metrics: ${localised(error).message}`);
  }
}
