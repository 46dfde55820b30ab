// JsSIP in a page. The tests call the functions of `phone` one after the other; all of them may be called from outside.
import JsSIP from 'jssip';

const { EventTarget } = globalThis;
const NO_MICROPHONE = { mediaConstraints: { audio: false, video: false } };
const EVENTS = ['progress', 'accepted', 'confirmed', 'hold', 'unhold', 'ended', 'failed'];

/** In the place of an `RTCPeerConnection`: plain RTP, which a phone without DTLS can agree to. Nobody listens there. */
class PlainConnection extends EventTarget {
  iceGatheringState = 'complete';
  iceConnectionState = 'connected';
  signalingState = 'stable';
  #remote = '';

  async createOffer() {
    return { type: 'offer', sdp: plainSdp('sendrecv') };
  }
  async createAnswer() {
    return { type: 'answer', sdp: plainSdp(this.#remote.includes('a=sendonly') ? 'recvonly' : 'sendrecv') };
  }
  async setLocalDescription(description) {
    this.localDescription = description;
  }
  async setRemoteDescription({ sdp }) {
    this.#remote = sdp;
  }
  getSenders() {
    return [];
  }
  close() {
    this.signalingState = 'closed';
  }
}

function plainSdp(direction) {
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  return [...lines, 'm=audio 9 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', `a=${direction}`, ''].join('\r\n');
}

let agent;
let session;
const happened = [];
let look = () => undefined;

function watch(next) {
  session = next;
  for (const event of EVENTS) {
    session.on(event, ({ originator, cause, message, response } = {}) => {
      const { status_code: status } = message ?? response ?? {};
      const warning = message?.getHeader?.('Warning');
      happened.push({ event, originator, cause, status, warning });
      look();
    });
  }
}

globalThis.phone = {
  /** Connects, and registers where there is a password; resolves with how that went. */
  open({ url, uri, password, plain }) {
    if (plain) globalThis.RTCPeerConnection = PlainConnection;
    const account = password ? { password } : { register: false };
    agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)], uri, ...account });
    agent.on('newRTCSession', (event) => watch(event.session));
    return new Promise((resolve) => {
      for (const event of [password ? 'registered' : 'connected', 'registrationFailed', 'disconnected']) {
        agent.once(event, () => resolve(event));
      }
      agent.start();
    });
  },
  /** Sends OPTIONS or MESSAGE; resolves with the status of the answer, or why there is none. */
  ask(method, target) {
    return new Promise((resolve) => {
      const answered = ({ response, cause }) => resolve(response?.status_code ?? cause);
      const eventHandlers = { succeeded: answered, failed: answered };
      if (method === 'OPTIONS') agent.sendOptions(target, null, { eventHandlers });
      else agent.sendMessage(target, 'hello', { eventHandlers });
    });
  },
  call(target) {
    agent.call(target, { ...NO_MICROPHONE, rtcOfferConstraints: { offerToReceiveAudio: true } });
  },
  answer() {
    session.answer(NO_MICROPHONE);
  },
  hold() {
    return session.hold();
  },
  unhold() {
    return session.unhold();
  },
  terminate() {
    session.terminate();
  },
  /** The next event of that name; those before it are forgotten. */
  next(name) {
    return new Promise((resolve) => {
      look = () => {
        const index = happened.findIndex(({ event }) => event === name);
        if (index >= 0) resolve(happened.splice(0, index + 1)[index]);
      };
      look();
    });
  },
};
