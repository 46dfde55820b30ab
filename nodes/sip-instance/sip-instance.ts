import type { NodeAPI } from 'node-red';
import { followDeploys } from '../shared/call-holders';
import type { SipNodeDef } from '../shared/flow-types';
import { captureOf, foldersOf, shareOf } from '../shared/folders';
import { afterFlowsStarted } from '../shared/flows-started';
import type { PhoneNode } from '../shared/phone-node';
import { localised, useTranslations } from '../shared/localise';
import { serveSpeech } from '../shared/say-aloud';
import { NodeStatus } from '../shared/status';
import { callsText } from '../shared/status-text';
import { serveMetrics, telemetry } from '../shared/telemetry';
import { Users } from '../shared/users';
import { world } from '../shared/world';
import { hepOf, toPhoneOptions } from './options';
import { watchRegistration } from './registration';
import { sharedOut } from './share';
import { serveTestRegistration } from './test-registration';
import { tlsOptions } from './tls';

export = (RED: NodeAPI): void => {
  useTranslations(RED);
  followDeploys(RED);
  serveTestRegistration(RED);
  serveMetrics(RED);
  serveSpeech(RED);

  /** A phone: one number, one SIP port, and the common settings of its calls. */
  function SipInstanceNode(this: PhoneNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    this.usedBy = new Users();
    this.users = this.usedBy.entries;
    // Errors and statuses call a phone that has no name by its number.
    if (!this.name && typeof config.dn === 'string') this.name = config.dn;
    const status = new NodeStatus(this, 'starting');
    // The nodes that use this phone, through which Catch and Status nodes hear of it, are made after it.
    const flowsStarted = new Promise<void>((resolve) => afterFlowsStarted(RED, resolve));
    const raise = async (error: unknown): Promise<void> => {
      await flowsStarted;
      this.error(localised(error), {});
    };
    const fail = async (error: unknown): Promise<void> => {
      await flowsStarted;
      status.failed(error);
      await raise(error);
    };

    let endObservation = (): Promise<void> => Promise.resolve();
    const start = async (): Promise<void> => {
      const own = toPhoneOptions(config, {
        folders: foldersOf(RED),
        capture: captureOf(RED),
        password: this.credentials?.password,
        tls: tlsOptions(RED, config.tls),
      });
      const share = shareOf(RED);
      const engine = world.phone(share ? sharedOut(own, share) : own);
      this.engine = engine;
      endObservation = telemetry.observe(engine, {
        hep: hepOf(config),
        onHepTrouble: (problem) => this.warn(localised(problem)),
      });
      const registration = watchRegistration(engine, (error) => void raise(error));
      this.registrationStatus = registration.status;
      const show = (): void => {
        if (engine.state !== 'ready') return;
        const count = engine.callCount;
        const registered = registration.status();
        if (count > 0) status.rest('inCall', count > 1 ? () => callsText(count) : undefined);
        else status.rest(registered?.kind ?? 'ready', registered?.text);
      };
      engine.on('warning', (problem) => this.warn(localised(problem)));
      await engine.start();
      void flowsStarted.then(show);
      engine.on('calls', show);
      engine.on('state', (state, error) => {
        if (state === 'failed') void fail(error);
      });
      engine.on('registration', () => void flowsStarted.then(show));
    };

    this.started = start();
    this.started.catch(fail);

    this.on('close', (_removed: boolean, done: () => void) => {
      const closing = this.engine?.close() ?? Promise.resolve();
      closing.then(endObservation).then(done, (error: unknown) => {
        this.warn(localised(error).message);
        done();
      });
    });
  }

  RED.nodes.registerType<PhoneNode, SipNodeDef, object, { password?: string }>(
    'sip-instance',
    SipInstanceNode,
    {
      credentials: { password: { type: 'password' } },
    },
  );
};
