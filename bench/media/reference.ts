import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compile } from './compile';

export interface ReferenceResult {
  sent: number;
  received: number;
  /** Packets that its sockets sent to each other and never got. */
  lost: number;
  /** Packets that were due a whole packet time before they were sent. */
  skipped: number;
  cpuUsPerPacket: number;
  /** Of one core. */
  cpuShare: number;
  maxLateMs: number;
}

/** The C program that does the same work, built at run time; undefined where there is no compiler. */
export class Reference {
  private constructor(private readonly program: string) {}

  static build(folder: string): Reference | undefined {
    const program = compile(folder, 'reference');
    return program === undefined ? undefined : new Reference(program);
  }

  /** `pace` sends to the ports given, `duplex` runs so many sockets that send to each other, and sends to the ports behind. */
  async run(mode: 'pace' | 'duplex', seconds: number, ...rest: number[]): Promise<ReferenceResult> {
    const child = spawn(this.program, [mode, String(seconds), ...rest.map(String)]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return JSON.parse(output) as ReferenceResult;
  }
}
