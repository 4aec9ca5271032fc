// Changes that can still be taken back, the latest first. Bounded in number and
// in age: what was done long ago is changed where it is shown, not by a key.

const kept = 20;
const keptMs = 10 * 60_000;

interface Step {
  id: number;
  atMs: number;
  undo: () => Promise<unknown>;
}

export class UndoStack {
  private steps: Step[] = [];
  private next = 1;
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  push(undo: () => Promise<unknown>): number {
    const id = this.next++;
    this.steps = [...this.fresh(), { id, atMs: this.now(), undo }].slice(-kept);
    return id;
  }

  /** The latest step there is. */
  last(): number | undefined {
    return this.fresh().at(-1)?.id;
  }

  /** Removes a step and gives what undoes it; a step is taken once. */
  take(id: number): (() => Promise<unknown>) | undefined {
    const step = this.fresh().find((s) => s.id === id);
    this.steps = this.steps.filter((s) => s.id !== id);
    return step?.undo;
  }

  private fresh(): Step[] {
    return this.steps.filter((s) => this.now() - s.atMs < keptMs);
  }
}
