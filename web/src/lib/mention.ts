const shape = /(?:^|[^\p{L}\p{N}@._-])@([\p{L}\p{N}._-]{0,40})$/u;

/** The mention being typed where the caret stands: where its "@" is, and what follows it. */
export function mentionAt(text: string, caret: number): { start: number; typed: string } | undefined {
  const typed = shape.exec(text.slice(0, caret))?.[1];
  return typed === undefined ? undefined : { start: caret - typed.length - 1, typed };
}
