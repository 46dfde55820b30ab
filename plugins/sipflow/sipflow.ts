import type { NodeAPI } from 'node-red';
import { serveCallDetail } from './server/call-detail';
import { serveCalls } from './server/calls';
import { serveExports } from './server/exports';
import { serveLoads } from './server/loads';
import { servePhones } from './server/phones';
import { serveRecordings } from './server/recordings';
import { Routes } from './server/routes';
import { serveTests } from './server/tests';
import { serveVerdicts } from './server/verdicts';
import { Watchers } from './server/watchers';

/** What the sidebar *SIP* of the editor asks the runtime for. */
export = (RED: NodeAPI): void => {
  const routes = new Routes(RED);
  const watchers = new Watchers(RED);
  watchers.serve(routes);
  servePhones(RED, routes);
  serveCalls(RED, routes);
  serveCallDetail(RED, routes);
  serveExports(RED, routes);
  serveRecordings(routes);
  serveTests(RED, routes, watchers.changed);
  serveVerdicts(RED, routes);
  serveLoads(routes, watchers.changed);
};
