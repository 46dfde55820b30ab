/**
 * Longest time for commands between two polls of the sockets and the deadlines, milliseconds. Node hands over all
 * waiting messages in one go: asking hundreds of sessions for their figures in one go would make each of them miss a
 * packet.
 */
const BUDGET_MS = 1;

/** Obeys commands in their order, as many in each turn of the event loop as fit into the budget. */
export class CommandQueue<Command> {
  #waiting: Command[] = [];
  #next = 0;
  #scheduled = false;
  readonly #turn = (): void => this.#onTurn();

  /**
   * @param obey must not throw.
   * @param defer runs a function in the next turn of the event loop.
   * @param clock monotonic milliseconds.
   */
  constructor(
    private readonly obey: (command: Command) => void,
    private readonly defer: (turn: () => void) => unknown = setImmediate,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  add(command: Command): void {
    this.#waiting.push(command);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.defer(this.#turn);
  }

  #onTurn(): void {
    const until = this.clock() + BUDGET_MS;
    do this.obey(this.#waiting[this.#next++]);
    while (this.#next < this.#waiting.length && this.clock() < until);
    if (this.#next < this.#waiting.length) {
      this.defer(this.#turn);
      return;
    }
    this.#waiting = [];
    this.#next = 0;
    this.#scheduled = false;
  }
}
