/** Session descriptions in the style of real peers, as they would send them in an offer. */

function sdp(...lines: string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

export const ASTERISK = sdp(
  'v=0',
  'o=- 1821047132 1821047132 IN IP4 192.0.2.10',
  's=Asterisk',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 14222 RTP/AVP 8 0 9 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:140',
  'a=sendrecv',
);

export const FREESWITCH = sdp(
  'v=0',
  'o=FreeSWITCH 1763760000 1763760001 IN IP4 198.51.100.20',
  's=FreeSWITCH',
  'c=IN IP4 198.51.100.20',
  't=0 0',
  'm=audio 27544 RTP/AVP 102 9 0 8 103 101',
  'a=rtpmap:102 opus/48000/2',
  'a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10; maxptime=40',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:103 telephone-event/48000',
  'a=fmtp:103 0-15',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
);

export const BARESIP = sdp(
  'v=0',
  'o=- 2753892461 1086732117 IN IP4 192.0.2.33',
  's=-',
  'c=IN IP4 192.0.2.33',
  't=0 0',
  'a=tool:baresip 3.9.0',
  'm=audio 10530 RTP/AVP 96 0 8 101',
  'b=AS:125',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 stereo=1;sprop-stereo=1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=rtcp:10531',
  'a=sendrecv',
  'a=label:1',
  'a=rtcp-rsize',
  'a=ssrc:3370141553 cname:sip:anna@example.com',
  'a=ptime:20',
  'm=video 30998 RTP/AVP 97',
  'b=AS:512',
  'a=rtpmap:97 H264/90000',
  'a=fmtp:97 packetization-mode=0;profile-level-id=42e01f',
  'a=rtcp:30999',
  'a=sendrecv',
);

export const LINPHONE = sdp(
  'v=0',
  'o=anna 3012 1457 IN IP4 203.0.113.7',
  's=Talk',
  'c=IN IP4 203.0.113.7',
  't=0 0',
  'a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics',
  'a=record:off',
  'm=audio 7078 RTP/AVPF 96 97 98 0 8 101 99 100',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:97 speex/16000',
  'a=fmtp:97 vbr=on',
  'a=rtpmap:98 speex/8000',
  'a=fmtp:98 vbr=on',
  'a=rtpmap:101 telephone-event/48000',
  'a=rtpmap:99 telephone-event/16000',
  'a=rtpmap:100 telephone-event/8000',
  'a=rtcp-fb:* trr-int 1000',
  'a=rtcp-fb:* ccm tmmbr',
);

/** No rtpmap for static types, another clock claimed for G.722, comfort noise, no fmtp. */
export const CISCO = sdp(
  'v=0',
  'o=Cisco-SIPUA 21450 0 IN IP4 10.1.2.3',
  's=SIP Call',
  't=0 0',
  'm=audio 21016 RTP/AVP 18 9 0 13 97',
  'c=IN IP4 10.1.2.3',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:9 G722/16000',
  'a=rtpmap:97 telephone-event/8000',
  'a=sendrecv',
);

export const POLYCOM = sdp(
  'v=0',
  'o=- 1763760777 1763760777 IN IP4 10.9.8.7',
  's=Polycom IP Phone',
  'c=IN IP4 10.9.8.7',
  't=0 0',
  'a=sendrecv',
  'm=audio 2246 RTP/AVP 9 8 0 18 127',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:8 pcma/8000',
  'a=rtpmap:0 pcmu/8000',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:127 TELEPHONE-EVENT/8000',
);

export const WEBRTC = sdp(
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=msid-semantic: WMS',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:F7gI',
  'a=ice-pwd:x9cml/YzichV2+XlhiMu8g',
  'a=fingerprint:sha-256 D1:2C:BE:AD:C4:F6:64:5C:25:16:11:9C:AF:E7:0F:73:79:36:4E:9C:1E:15:54:39:0C:06:8B:ED:96:86:00:39',
  'a=setup:actpass',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
);

/** The same kind of peer behind a gateway that removed encryption: mux, candidates, bundle remain. */
export const WEBRTC_GATEWAY = sdp(
  'v=0',
  'o=- 20518 0 IN IP4 203.0.113.141',
  's=-',
  't=0 0',
  'c=IN IP4 203.0.113.141',
  'a=group:BUNDLE audio',
  'm=audio 54609 RTP/AVP 109 0 101 126',
  'a=mid:audio',
  'a=rtcp:54610 IN IP4 203.0.113.141',
  'a=rtcp-mux',
  'a=candidate:0 1 UDP 2122252543 192.168.1.2 54609 typ host',
  'a=candidate:0 2 UDP 2122252542 192.168.1.2 54610 typ host',
  'a=end-of-candidates',
  'a=rtpmap:109 OPUS/48000/2',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=rtpmap:126 telephone-event/48000',
);

/** A fax machine that wants to go on with T.38. */
export const T38 = sdp(
  'v=0',
  'o=- 7 8 IN IP4 192.0.2.66',
  's=-',
  'c=IN IP4 192.0.2.66',
  't=0 0',
  'm=audio 0 RTP/AVP 0',
  'm=image 4022 udptl t38',
  'a=T38FaxVersion:0',
);

export const IPV6 = sdp(
  'v=0',
  'o=- 1 1 IN IP6 2001:db8::5',
  's=-',
  'c=IN IP6 2001:db8::5',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 101',
  'a=rtpmap:101 telephone-event/8000',
);

/** An old PBX that holds with the address of nobody (RFC 2543). */
export const LEGACY_HOLD = sdp(
  'v=0',
  'o=pbx 5 6 IN IP4 192.0.2.77',
  's=-',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  'm=audio 16000 RTP/AVP 0',
);

export { sdp };
