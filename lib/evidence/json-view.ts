import { scriptJson } from './escape';
import type { Ladder } from './types';

/** A ladder as JSON that may also stand in a `<script>` of a page. */
export function ladderJson(ladder: Ladder): string {
  return scriptJson(ladder);
}
