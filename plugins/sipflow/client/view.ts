/** A section of the sidebar. */
export interface View {
  readonly element: HTMLElement;
  /** Asks the runtime for what is shown. Rejects with a `Refusal`. */
  refresh(): Promise<void>;
  /** A second has passed. */
  second?(): void;
}
