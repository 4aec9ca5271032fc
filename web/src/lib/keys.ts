// Reading key presses as bindings: "j", "?" or a sequence such as "g s".

export interface Press {
  key: string;
  atMs: number;
}

const sequenceMs = 1_200;

export class Sequence {
  private first: Press | undefined;

  /** The binding this press completes, if any. */
  read(press: Press, bindings: readonly string[]): string | undefined {
    const first = this.first;
    this.first = undefined;
    if (first && press.atMs - first.atMs <= sequenceMs) {
      const name = `${first.key} ${press.key}`;
      if (bindings.includes(name)) return name;
    }
    if (bindings.some((name) => name.startsWith(`${press.key} `))) {
      this.first = press;
    }
    return bindings.includes(press.key) ? press.key : undefined;
  }

  /** What was begun is given up. */
  forget() {
    this.first = undefined;
  }
}
