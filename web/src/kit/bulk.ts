// Doing one thing to many items: a few at a time, with progress, going on after
// a failure, and a report of what failed and why.

export interface BulkFailure<T> {
  item: T;
  error: unknown;
}

export interface BulkReport<T> {
  done: T[];
  failed: BulkFailure<T>[];
  /** Not begun, because it was stopped. */
  left: T[];
}

interface Options<T> {
  run: (item: T) => Promise<unknown>;
  onProgress?: (finished: number) => void;
  signal?: AbortSignal;
  /** How many run at the same time. */
  width?: number;
}

const usualWidth = 4;

/** Never throws: what went wrong is in the report. */
export async function runBulk<T>(items: readonly T[], { run, onProgress, signal, width = usualWidth }: Options<T>): Promise<BulkReport<T>> {
  const report: BulkReport<T> = { done: [], failed: [], left: [] };
  const waiting = [...items];
  const work = async () => {
    while (waiting.length > 0 && !signal?.aborted) {
      const item = waiting.shift() as T;
      try {
        await run(item);
        report.done.push(item);
      } catch (error) {
        report.failed.push({ item, error });
      }
      onProgress?.(report.done.length + report.failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  report.left = waiting;
  return report;
}
