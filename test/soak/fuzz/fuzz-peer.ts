import { fresh, headerOf, request, response, tagIn, type FuzzDialog, type PendingRequest } from './messages';
import { mutate, type Dice } from './mutate';
import type { FuzzLink, FuzzTransport } from './transports';

const OUTSIDE = [
  'OPTIONS',
  'INVITE',
  'INVITE',
  'BYE',
  'CANCEL',
  'ACK',
  'INFO',
  'MESSAGE',
  'REGISTER',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'UPDATE',
  'PRACK',
  'PUBLISH',
  'FOO',
];
const INSIDE = [
  'INVITE',
  'INVITE',
  'ACK',
  'BYE',
  'INFO',
  'INFO',
  'UPDATE',
  'UPDATE',
  'OPTIONS',
  'REFER',
  'NOTIFY',
  'PRACK',
  'MESSAGE',
  'CANCEL',
  'FOO',
];
const STATUSES = [
  '100 Trying',
  '180 Ringing',
  '183 Session Progress',
  '200 OK',
  '202 Accepted',
  '302 Moved',
  '401 Unauthorized',
  '404 Not Found',
  '407 Proxy',
  '481 Gone',
  '486 Busy',
  '488 No',
  '491 Pending',
  '500 Error',
  '503 Busy',
  '603 Decline',
  '699 X',
];
/** What is remembered of the past, so that later messages can refer to it. */
const MEMORY = 60;

/** The hostile far end: it holds sound calls with the phone under test, and sends broken messages about them. */
export class FuzzPeer {
  /** Calls that stand, as far as the peer knows. */
  readonly dialogs: FuzzDialog[] = [];
  #link!: FuzzLink;
  #uri = '';
  /** Branches of INVITEs that are on their way, for CANCEL. */
  readonly #branches: string[] = [];
  readonly #pending: PendingRequest[] = [];
  readonly #probes = new Map<string, () => void>();

  constructor(private readonly dice: Dice) {}

  async open(transport: FuzzTransport, phone: { address: string; port: number }): Promise<void> {
    this.#uri = `sip:phone@${phone.address}:${phone.port}`;
    this.#link = await transport.open(phone, (message) => this.#received(message), this.dice);
  }

  get uri(): string {
    return `sip:fuzz@${this.#link.address}`;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Sends one broken message. */
  fuzz(): void {
    this.#link.sendBroken(mutate(this.#sound(), this.dice));
  }

  /** Sends a sound OPTIONS, again if need be. Resolves with whether it was answered in time. */
  probe(patienceMs: number): Promise<boolean> {
    const dialog = { callId: fresh(), localTag: fresh(), remoteTag: '', target: this.#uri, cseq: 1 };
    const text = request('OPTIONS', this.#link.address, this.#uri, dialog).replace(';tag=\r\n', '\r\n');
    return new Promise((resolve) => {
      const finish = (answered: boolean): void => {
        clearInterval(repeat);
        clearTimeout(limit);
        this.#probes.delete(dialog.callId);
        resolve(answered);
      };
      const repeat = setInterval(() => this.#link.send(text), 500);
      const limit = setTimeout(() => finish(false), patienceMs);
      this.#probes.set(dialog.callId, () => finish(true));
      this.#link.send(text);
    });
  }

  /** Calls the phone soundly; the call stands once its 200 is here. */
  call(): void {
    const branch = `z9hG4bK${fresh()}`;
    this.#remember(this.#branches, branch);
    this.#link.send(request('INVITE', this.#link.address, this.#uri, undefined, branch));
  }

  /** A sound message of any kind, before it is broken. */
  #sound(): string {
    const { dice } = this;
    const own = this.#link.address;
    const kind = dice.below(100);
    if (kind < 25 && this.#pending.length > 0) {
      return response(
        dice.pick(STATUSES),
        own,
        dice.pick(this.#pending),
        dice.chance(0.7) ? 'peer' : fresh(),
      );
    }
    if (kind < 75 && this.dialogs.length > 0) {
      const dialog = dice.pick(this.dialogs);
      dialog.cseq += 1;
      return request(dice.pick(INSIDE), own, this.#uri, dialog);
    }
    const method = dice.pick(OUTSIDE);
    const known = method === 'CANCEL' && this.#branches.length > 0 ? dice.pick(this.#branches) : undefined;
    const branch = known ?? `z9hG4bK${fresh()}`;
    if (method === 'INVITE') this.#remember(this.#branches, branch);
    return request(method, own, this.#uri, undefined, branch);
  }

  #received(message: string): void {
    if (message.startsWith('SIP/2.0 ')) this.#receivedResponse(message);
    else this.#receivedRequest(message);
  }

  #receivedResponse(message: string): void {
    const callId = headerOf(message, 'Call-ID');
    this.#probes.get(callId)?.();
    if (!message.startsWith('SIP/2.0 200') || !headerOf(message, 'CSeq').endsWith('INVITE')) return;
    const dialog: FuzzDialog = {
      callId,
      localTag: tagIn(headerOf(message, 'From')),
      remoteTag: tagIn(headerOf(message, 'To')),
      target: this.#uri,
      cseq: Number.parseInt(headerOf(message, 'CSeq'), 10) || 1,
    };
    // Some answers are never acknowledged.
    if (this.dice.chance(0.1)) return;
    this.#link.send(request('ACK', this.#link.address, this.#uri, dialog));
    if (!this.dialogs.some((known) => known.remoteTag === dialog.remoteTag))
      this.#remember(this.dialogs, dialog);
  }

  #receivedRequest(message: string): void {
    const method = message.slice(0, message.indexOf(' '));
    if (method === 'ACK') return;
    const echoed = message.match(/^(?:Via|From|Call-ID|CSeq|Record-Route): .*\r\n/gm)?.join('') ?? '';
    const pending: PendingRequest = { method, echoed, to: headerOf(message, 'To') };
    this.#remember(this.#pending, pending);
    if (method === 'BYE') this.#forget(headerOf(message, 'Call-ID'));
    const own = this.#link.address;
    const final =
      method === 'INVITE' ? '200 OK' : this.dice.pick(['200 OK', '200 OK', '481 Gone', '500 Error']);
    const answers = method === 'INVITE' ? ['180 Ringing', final] : [final];
    for (const status of answers) {
      const sound = response(status, own, pending, 'peer');
      if (this.dice.chance(0.5)) this.#link.sendBroken(mutate(sound, this.dice));
      if (this.dice.chance(0.8)) this.#link.send(sound);
    }
  }

  #forget(callId: string): void {
    const index = this.dialogs.findIndex((dialog) => dialog.callId === callId);
    if (index >= 0) this.dialogs.splice(index, 1);
  }

  #remember<T>(list: T[], item: T): void {
    list.push(item);
    if (list.length > MEMORY) list.splice(this.dice.below(MEMORY), 1);
  }
}
