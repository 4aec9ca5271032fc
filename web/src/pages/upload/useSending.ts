// Files on their way to the server, one after the other, and what became of
// those that were refused.
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import { sendFile } from '../../api/uploadQueries';
import { toast } from '../../ui/toast';

export interface SendingFile {
  id: number;
  file: File;
  unit: string;
  kind: string;
  again: boolean;
  sent: number;
  error?: unknown;
}

export function useSending() {
  const { t } = useTranslation(['translation', 'upload']);
  const client = useQueryClient();
  const [files, setFiles] = useState<SendingFile[]>([]);
  const controllers = useRef(new Map<number, AbortController>());
  const last = useRef(0);
  const queue = useRef(Promise.resolve());

  const change = (id: number, part: Partial<SendingFile>) => {
    setFiles((all) => all.map((f) => (f.id === id ? { ...f, ...part } : f)));
  };
  const drop = (id: number) => {
    controllers.current.get(id)?.abort();
    controllers.current.delete(id);
    setFiles((all) => all.filter((f) => f.id !== id));
  };

  const start = (one: SendingFile) => {
    const controller = new AbortController();
    controllers.current.set(one.id, controller);
    queue.current = queue.current.then(async () => {
      if (controller.signal.aborted) return;
      try {
        await sendFile({
          ...one,
          signal: controller.signal,
          onProgress: (sent) => {
            change(one.id, { sent });
          },
        });
        drop(one.id);
        toast({ message: t('upload:added', { name: one.file.name }), color: 'teal' });
      } catch (error) {
        if (!controller.signal.aborted) change(one.id, { error });
      }
      void client.invalidateQueries({ queryKey: ['uploads'] });
    });
  };

  return {
    files,
    drop,
    add: (chosen: readonly File[], unit: string, kind: string) => {
      const fresh = chosen.map((file) => ({ id: ++last.current, file, unit, kind, again: false, sent: 0 }));
      setFiles((all) => [...all, ...fresh]);
      fresh.forEach(start);
    },
    repeat: (one: SendingFile) => {
      const next = { ...one, again: true, sent: 0 };
      delete next.error;
      setFiles((all) => all.map((f) => (f.id === one.id ? next : f)));
      start(next);
    },
  };
}

/** The earlier import that a repeated file is the same as. */
export function earlierOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.code !== 'upload.repeated') return undefined;
  return /^upload\.(.+)$/.exec(error.errors[0]?.location ?? '')?.[1];
}
