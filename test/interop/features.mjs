// What is asked of every peer, in the order of the table, and why a peer cannot show some of it. A test says by marks in
// its title (`#hold-ours`) what it shows. A cell with neither a test nor a reason is printed as open.

/** Peers with a column; suites belong to the one that their name begins with. */
export const PEERS = ['Asterisk', 'Kamailio', 'SIPp', 'baresip'];

/** Mark and meaning, by section. "Ours" is what our phone does, "theirs" what the other side does. */
export const FEATURES = {
  Registration: {
    'register-md5': 'REGISTER, MD5 digest',
    'register-sha256': 'REGISTER, SHA-256 digest',
    'register-restart': 'REGISTER again after the peer was restarted',
  },
  Calls: {
    'out-udp': 'call out over UDP',
    'in-udp': 'call in over UDP',
    'out-tcp': 'call out over TCP',
    'in-tcp': 'call in over TCP',
    'out-tls': 'call out over TLS with SDES',
    'in-tls': 'call in over TLS with SDES',
    echo: 'audio compared to what was played',
    'load-100': '100 calls at once with audio',
  },
  'Before the answer': {
    'early-answer': 'early media heard before the answer',
    'early-refusal': 'early media heard before a 486',
    redirect: '302 names its contact',
    'cancel-ours': 'our CANCEL while it rings',
    'cancel-theirs': 'their CANCEL while it rings',
    'refusals-theirs': 'their 4xx, 5xx and 6xx',
    'refusals-ours': 'our 4xx and 6xx',
    'no-codec': '488 with its diagnosis',
    'prack-out': 'PRACK required, call out',
    'prack-in': 'PRACK required, call in',
  },
  Digits: {
    'dtmf-out-4733': 'digits out by RFC 4733',
    'dtmf-in-4733': 'digits in by RFC 4733',
    'dtmf-out-info': 'digits out by INFO',
    'dtmf-in-info': 'digits in by INFO',
    'dtmf-out-tones': 'digits out as tones',
    'dtmf-in-tones': 'digits in as tones',
  },
  'In the call': {
    'hold-ours': 'hold and resume by us',
    'hold-theirs': 'hold and resume by them',
    'blind-ours': 'blind transfer by us',
    'blind-theirs': 'blind transfer by them',
    'attended-ours': 'attended transfer by us',
    'attended-theirs': 'attended transfer by them',
    'timer-ours': 'session timer, refreshed by us',
    'timer-theirs': 'session timer, refreshed by them',
    'timer-stops': 'session timer that they stop refreshing',
    'codec-change': 'they change the codec in mid-call',
  },
  'Bad input': {
    'peer-dies': 'the peer dies in mid-call',
    'silent-peer': 'the peer is silent but there',
    'wrong-payload-type': 'packets of a payload type that nobody agreed on',
    'three-ends': 'three end packets of a digit with one sequence number',
    'ptime-30': 'packets of 30 ms under a promise of 20',
    'other-signalling-address': 'answers from another address',
    'other-media-address': 'media from another address than the SDP says',
    'late-offer': 'INVITE without an offer',
    'unknown-codec': 'an offer without a codec that we have',
  },
};

const PROXY = 'a proxy: media passes it by';
const LISTENS = 'a proxy does not begin it; shown between two of our phones';
const PHONE = 'a phone, no registrar';
const HONEST = 'it sends what was agreed; SIPp shows it';

/** Why there is no test, by peer and mark. */
export const REASONS = {
  Asterisk: {
    'timer-stops': 'cannot be told to stop refreshing; SIPp shows it',
    'codec-change': 'it transcodes instead of changing the codec; SIPp shows it',
    'silent-peer': HONEST,
    'wrong-payload-type': HONEST,
    'three-ends': HONEST,
    'ptime-30': HONEST,
    'other-signalling-address': 'answers from where it was asked; SIPp shows it',
    'late-offer': 'its INVITEs always offer',
    'unknown-codec': 'it offers what the endpoint allows; SIPp shows it',
  },
  Kamailio: {
    'early-refusal': 'shown as early media and as 486, each through it',
    'dtmf-out-4733': `${PROXY}; shown through rtpengine`,
    'dtmf-in-4733': `${PROXY}; shown through rtpengine`,
    'dtmf-out-tones': PROXY,
    'dtmf-in-tones': PROXY,
    'hold-theirs': LISTENS,
    'attended-theirs': LISTENS,
    'blind-theirs': LISTENS,
    'timer-ours':
      'a refresh is a re-INVITE, as a hold is, which goes through it; shown with Asterisk and SIPp',
    'timer-theirs': 'as above',
    'timer-stops': LISTENS,
    'codec-change': LISTENS,
    'silent-peer': PROXY,
    'wrong-payload-type': PROXY,
    'three-ends': PROXY,
    'ptime-30': PROXY,
    'other-signalling-address': 'answers from where it was asked; SIPp shows it',
    'other-media-address': PROXY,
    'late-offer': LISTENS,
    'unknown-codec': LISTENS,
  },
  SIPp: {},
  baresip: {
    'register-md5': PHONE,
    'register-sha256': PHONE,
    'register-restart': PHONE,
    'out-tls': 'its SDES is shown over UDP; its TLS has not been tried',
    'in-tls': 'its SDES is shown over UDP; its TLS has not been tried',
    'load-100': 'a phone for one person, with one sound device',
    redirect: 'cannot redirect',
    'early-answer': 'version 1.0 announces early media, but sends none',
    'early-refusal': 'version 1.0 announces early media, but sends none',
    'prack-out': 'version 1.0 knows no 100rel',
    'prack-in': 'version 1.0 knows no 100rel',
    'dtmf-in-info': 'version 1.0 sends digits by RFC 4733 only',
    'attended-ours': 'version 1.0 ignores Replaces',
    'attended-theirs': 'version 1.0 cannot',
    'timer-ours': 'knows no session timers',
    'timer-theirs': 'knows no session timers',
    'timer-stops': 'knows no session timers',
    'codec-change': 'has no command for it',
    'silent-peer': HONEST,
    'wrong-payload-type': HONEST,
    'three-ends': HONEST,
    'ptime-30': HONEST,
    'other-signalling-address': 'answers from where it was asked; SIPp shows it',
    'other-media-address': 'says where its media is; SIPp shows it',
    'late-offer': 'its INVITEs always offer',
    'unknown-codec': 'shown the other way round, as its 488',
  },
};
