// The way back from the last change: a toast with a button, and z or Ctrl-Z.
import '../i18n/kit';

import i18next from 'i18next';
import { createElement } from 'react';

import { ApiError } from '../api/client';
import { hideToast, toast } from '../ui/toast';
import { UndoButton } from './UndoButton';
import { UndoStack } from './undoStack';

const shownMs = 20_000;

const stack = new UndoStack();

/** Tells what was done and offers to take it back. undo throws where it fails. */
export function offerUndo(message: string, undo: () => Promise<unknown>) {
  const step = stack.push(undo);
  const id = toast({
    autoClose: shownMs,
    message: createElement(UndoButton, {
      message,
      onUndo: () => {
        hideToast(id);
        void finish(stack.take(step));
      },
    }),
  });
  shown.set(step, id);
}

const shown = new Map<number, string>();

/** Takes the last change back that was not taken back yet. */
export async function undoLast() {
  const last = stack.last();
  if (last === undefined) return;
  const id = shown.get(last);
  if (id !== undefined) hideToast(id);
  await finish(stack.take(last));
}

async function finish(undo: (() => Promise<unknown>) | undefined) {
  if (!undo) return;
  try {
    await undo();
    toast({ message: i18next.t('kit:undo.done'), autoClose: 4_000 });
  } catch (error) {
    const conflict = error instanceof ApiError && error.status === 409;
    toast({ color: 'red', title: i18next.t('kit:undo.failed'), message: i18next.t(conflict ? 'kit:undo.changed' : 'kit:undo.again'), autoClose: shownMs });
  }
}
