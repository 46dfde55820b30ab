import type { WorldLoad } from '../../calls';
import type { SinkCounts } from '../hep/sink';
import { distribution, type Family, type Sample } from './family';

/** What `load` says of the media threads and ports of a world. */
export function mediaFamilies(load: () => WorldLoad): Family[] {
  return [
    {
      name: 'sipflow_media_lag_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'How late the media workers kept the deadlines of their sessions, one for each packet time of a call.',
      samples: () => {
        const { boundsMs, counts, sumMs } = load().lag;
        return distribution(
          boundsMs.map((bound) => bound / 1000),
          counts,
          sumMs / 1000,
        );
      },
    },
    {
      name: 'sipflow_media_skipped_deadlines',
      type: 'counter',
      help: 'Deadlines that were missed by a packet time or more: that audio was not sent.',
      samples: () => total(load().skippedDeadlines),
    },
    {
      name: 'sipflow_media_unsent_packets',
      type: 'counter',
      help: 'Packets that the system did not take; known with the native driver for datagrams only.',
      samples: () => total(load().unsentPackets),
    },
    {
      name: 'sipflow_media_workers',
      type: 'gauge',
      help: 'Threads that send and receive RTP now.',
      samples: () => single(load().workers),
    },
    {
      name: 'sipflow_rtp_ports_in_use',
      type: 'gauge',
      help: 'RTP ports in use, each with the RTCP port above it.',
      samples: () => single(load().rtpPorts),
    },
  ];
}

/** What has become of the packets for collectors of HEP. */
export function hepFamily(counts: () => SinkCounts): Family {
  return {
    name: 'sipflow_hep_packets',
    type: 'counter',
    help: 'HEP packets, by whether they were sent, or dropped because a collector was away or too slow.',
    samples: () => {
      const { sent, dropped } = counts();
      return [
        { suffix: '_total', labels: { result: 'sent' }, value: sent },
        { suffix: '_total', labels: { result: 'dropped' }, value: dropped },
      ];
    },
  };
}

/** Versions of the package and of Node.js. */
export function buildFamily(version: string): Family {
  const labels = { version, nodejs: process.versions.node };
  return {
    name: 'sipflow_build',
    type: 'info',
    help: 'Versions of SIPFLOW and of its runtime.',
    samples: () => [{ suffix: '_info', labels, value: 1 }],
  };
}

function single(value: number): Sample[] {
  return [{ suffix: '', labels: {}, value }];
}

function total(value: number): Sample[] {
  return [{ suffix: '_total', labels: {}, value }];
}
