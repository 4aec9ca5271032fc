// What can be done on the page in view, declared once: the keyboard runs it, the
// palette offers it and the help lists it.
import { useEffect, useRef, useSyncExternalStore } from 'react';

import { type Bindings, useKeys } from '../app/keys';

export interface PageAction {
  /** Unlike every other action of the page. */
  id: string;
  /** What it does, in the reader's language. */
  name: string;
  /** One key ("a", "X" for Shift-x) or two in turn ("g a"). */
  key?: string | undefined;
  run: () => void;
  /** Movement and the like: a key and a line of the help, but nothing for the palette. */
  keyOnly?: boolean;
  /** Now without effect: neither the key nor the palette has it. */
  off?: boolean | undefined;
}

interface Owner {
  actions: readonly PageAction[];
}

const owners = new Set<Owner>();
const listeners = new Set<() => void>();
let known: readonly PageAction[] = [];

function publish() {
  known = [...owners].flatMap((owner) => owner.actions);
  for (const listener of listeners) listener();
}

const sameList = (a: readonly PageAction[], b: readonly PageAction[]) =>
  a.length === b.length && a.every((x, i) => x.id === b[i]?.id && x.name === b[i]?.name && x.key === b[i]?.key && !x.off === !b[i]?.off);

/** The action as others keep it: it runs what the page says at the time. */
function lasting(action: PageAction, latest: { current: readonly PageAction[] }): PageAction {
  return {
    ...action,
    run: () => {
      latest.current.find((a) => a.id === action.id)?.run();
    },
  };
}

/** Declares actions while the component is on the page. */
export function useActions(actions: readonly PageAction[]) {
  const latest = useRef(actions);
  const owner = useRef<Owner>(undefined);
  useEffect(() => {
    latest.current = actions;
    // The list is published when what people see of it changes, not at each drawing.
    if (owner.current && !sameList(owner.current.actions, actions)) {
      owner.current.actions = actions.map((action) => lasting(action, latest));
      publish();
    }
  });
  useEffect(() => {
    const own: Owner = { actions: latest.current.map((action) => lasting(action, latest)) };
    owner.current = own;
    owners.add(own);
    publish();
    return () => {
      owners.delete(own);
      owner.current = undefined;
      publish();
    };
  }, []);

  const bindings: Bindings = {};
  for (const action of actions) {
    if (action.key !== undefined && !action.off) {
      bindings[action.key] = () => {
        action.run();
      };
    }
  }
  useKeys(bindings);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The actions of the page in view. */
export function usePageActions(): readonly PageAction[] {
  return useSyncExternalStore(subscribe, () => known);
}
