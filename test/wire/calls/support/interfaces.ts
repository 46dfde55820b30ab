import os from 'node:os';

/**
 * Lets this machine have other networks than it has: only addresses within them count as near. The loopback interface
 * takes packets to any 127.x.y.z all the same.
 *
 * @param cidrs each an own IPv4 address with the length of its network’s prefix: `127.0.1.1/24`
 * @returns what ends the pretence
 */
export function pretendInterfaces(cidrs: readonly string[]): () => void {
  const real = os.networkInterfaces;
  const interfaces = cidrs.map((cidr) => ({
    address: cidr.split('/')[0] ?? '',
    cidr,
    netmask: '',
    mac: '00:00:00:00:00:00',
    family: 'IPv4' as const,
    internal: false,
  }));
  os.networkInterfaces = () => ({ pretended: interfaces });
  return () => {
    os.networkInterfaces = real;
  };
}
