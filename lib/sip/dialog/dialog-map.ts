import { TurnoverMap } from '../../common';
import type { Dialog } from './dialog';

/** Dialogs by id; tells when one has left. */
export class DialogMap extends TurnoverMap<string, Dialog> {
  constructor(private readonly onDeleted: () => void) {
    super();
  }

  override delete(id: string): boolean {
    const deleted = super.delete(id);
    if (deleted) this.onDeleted();
    return deleted;
  }
}
