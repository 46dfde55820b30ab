import type { Ladder } from './types';

/** A ladder as JSON that may also stand in a `<script>` of a page. */
export function ladderJson(ladder: Ladder): string {
  return JSON.stringify(ladder).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
