import { useCallback, useState } from 'react';

import type { Widget } from '../../api/boardQueries';
import { begin, redo, step, type Steps, undo } from '../../lib/boardLayout';

/** A layout that somebody changes, undefined while nobody does. */
export function useDraft() {
  const [steps, setSteps] = useState<Steps>();
  const on = useCallback((change: (steps: Steps) => Steps) => {
    setSteps((old) => (old ? change(old) : old));
  }, []);
  return {
    steps,
    start: (widgets: readonly Widget[]) => {
      setSteps(begin(widgets));
    },
    stop: () => {
      setSteps(undefined);
    },
    change: (next: Widget[]) => {
      on((old) => step(old, next));
    },
    undo: () => {
      on(undo);
    },
    redo: () => {
      on(redo);
    },
  };
}
