/** A node as flow files store it. */
export type FlowNode = Record<string, unknown> & { id: string; type: string };

/** A check of an expect node: `['codec', 'is', 'PCMU']`; a fourth entry is the name that the subject needs. */
export type CheckWords = readonly [subject: string, operator: string, value: unknown, name?: string];

/** Builds the flow of test cases in which phone 1001 calls. Nodes are wired one behind the other. */
export class FlowBuilder {
  readonly nodes: FlowNode[] = [{ id: 'tab', type: 'tab', label: 'Cases' }];
  #count = 0;

  phone(number: string, fields: object = {}): string {
    return this.#add({
      type: 'sip-instance',
      name: `Phone ${number}`,
      dn: number,
      mode: 'simulation',
      ...fields,
    });
  }

  /** A simulated phone that answers each call. */
  answering(number: string, fields: object = {}): string {
    const instance = this.phone(number, fields);
    this.chain([{ type: 'sip-incoming-call', instance }, { type: 'sip-answer' }]);
    return instance;
  }

  /** A phone that refuses each call. */
  refusing(number: string, status: string): void {
    const instance = this.phone(number);
    this.chain([
      { type: 'sip-incoming-call', instance },
      { type: 'sip-reject', statusCode: status, statusCodeType: 'num' },
    ]);
  }

  /** A test case with what follows it. */
  testCase(title: string, fields: object, then: readonly object[]): string {
    const [first] = this.chain([{ type: 'sip-test-case', title, ...fields }, ...then]);
    return first;
  }

  /** Adds nodes, the first output of each wired to the next. Returns their ids. */
  chain(nodes: readonly object[]): string[] {
    const ids = nodes.map(() => this.#newId());
    nodes.forEach((node, index) => {
      const next = ids[index + 1];
      this.nodes.push({
        z: 'tab',
        wires: next ? [[next]] : [],
        ...node,
        id: ids[index],
      } as unknown as FlowNode);
    });
    return ids;
  }

  #add(node: object): string {
    const id = this.#newId();
    this.nodes.push({ ...node, id } as FlowNode);
    return id;
  }

  #newId(): string {
    this.#count += 1;
    return `n${this.#count}`;
  }
}

export function call(instance: string, target: string, targetType = 'str'): object {
  return { type: 'sip-make-call', name: 'Call', instance, target, targetType };
}

const VALUE_TYPES: Readonly<Record<string, string>> = { number: 'num', boolean: 'bool', object: 'json' };

export function expect(...checks: readonly CheckWords[]): object {
  return {
    type: 'sip-expect',
    name: 'Expect',
    checks: checks.map(([subject, operator, value, name]) => ({
      subject,
      operator,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      valueType: VALUE_TYPES[typeof value] ?? 'str',
      severity: 'error',
      ...(name !== undefined && { name }),
    })),
  };
}

export const HANG_UP = { type: 'sip-hangup', name: 'Hang up' };
export const END = { type: 'sip-test-end', name: 'End' };
