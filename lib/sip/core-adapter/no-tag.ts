/**
 * Stands for the To tag that a response lacks (RFC 2543 knew none): the core makes no dialog without a tag. It can be
 * nobody's tag, and is never written.
 */
export const NO_TAG = ' ';
